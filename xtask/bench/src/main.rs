//! Benches: figures as ratios within one run. `cargo xtask bench NAME` builds this for release and starts it.

mod call;
mod child_server;
mod cores;
mod http_message;
mod inbox;
mod sorted;
mod token;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

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
    Call(call::Args),
    #[command(hide = true)]
    CallServer(call::ServerArgs),
    Inbox(inbox::Args),
    #[command(hide = true)]
    InboxReceiver(inbox::ReceiverArgs),
    Token(token::Args),
}

fn main() -> ExitCode {
    let bench = match Cli::try_parse() {
        Ok(cli) => cli.bench,
        Err(error) => return usage(&error),
    };
    let outcome = match bench {
        Bench::Call(args) => call::run(&args),
        Bench::CallServer(args) => call::serve(&args),
        Bench::Inbox(args) => inbox::run(&args),
        Bench::InboxReceiver(args) => inbox::receive(&args),
        Bench::Token(args) => token::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what clap has to say, and the benches' names to who asked for another.
fn usage(error: &clap::Error) -> ExitCode {
    // Nobody is left to hear that the terminal is gone.
    _ = error.print();
    if error.kind() == ErrorKind::InvalidSubcommand {
        let command = Cli::command();
        let names = command.get_subcommands().filter(|bench| !bench.is_hide_set()).map(clap::Command::get_name);
        eprintln!("The benches are: {}", names.collect::<Vec<_>>().join(", "));
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}
