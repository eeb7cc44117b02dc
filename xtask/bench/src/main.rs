//! Benches, whose figures are ratios within one run. `cargo xtask bench NAME` builds this for release and starts it.

mod api;
mod call;
mod child_server;
mod cores;
mod crowd;
mod figures;
mod http_message;
mod inbox;
mod sorted;
mod token;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench", disable_help_subcommand = true)]
#[command(about = "Prints a bench's figures; compare only what stands in one run")]
#[command(subcommand_value_name = "NAME", subcommand_help_heading = "Benches")]
struct Cli {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    Api(api::Args),
    #[command(hide = true)]
    ApiServer(api::ServerArgs),
    Call(call::Args),
    #[command(hide = true)]
    CallAlone(call::AloneArgs),
    #[command(hide = true)]
    CallServer(call::ServerArgs),
    Inbox(inbox::Args),
    #[command(hide = true)]
    InboxReceiver(inbox::ReceiverArgs),
    Token(token::Args),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().bench {
        Bench::Api(args) => api::run(&args),
        Bench::ApiServer(args) => api::serve(&args),
        Bench::Call(args) => call::run(&args),
        Bench::CallAlone(args) => call::alone(&args),
        Bench::CallServer(args) => call::serve(&args),
        Bench::Inbox(args) => inbox::run(&args),
        Bench::InboxReceiver(args) => inbox::receive(&args),
        Bench::Token(args) => token::run(&args),
    }
}
