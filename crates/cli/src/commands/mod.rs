//! Dispatch from parsed arguments to the command.

mod config;
mod demo;
mod doctor;
mod fensi;
mod inbox;
mod listen;
mod openapi;
mod sandbox;
mod secret;
mod serve;
mod sign;
mod weiting;

use std::process::ExitCode;

use tokio::runtime::Builder;

use crate::arguments::{Arguments, Command, FensiCommand, Globals, TokenArguments, TokenCommand, WeitingCommand};
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Output, Report};

/// Runs the command to its end.
///
/// # Errors
/// The command's failure.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut runtime = match arguments.command {
        Command::Serve(_) => Builder::new_multi_thread(),
        _ => Builder::new_current_thread(),
    };
    let runtime = runtime.enable_all().build();
    let runtime = runtime.map_err(|error| Failure::internal(format!("cannot start the async runtime: {error}")))?;
    let outcome = runtime.block_on(command(arguments));
    // A name lookup that still runs must not delay the exit.
    runtime.shutdown_background();
    outcome
}

async fn command(Arguments { globals, command }: Arguments) -> Result<ExitCode, Failure> {
    let output = Output::new(globals.json, globals.lang);
    let report = match command {
        Command::Demo => return demo::run(&globals, output).await,
        Command::Doctor => return doctor::run(&globals, output).await,
        Command::Sandbox(arguments) => return sandbox::run(arguments, &globals, output).await,
        Command::Openapi(arguments) => openapi::run(&arguments)?,
        Command::Secret(command) => secret::run(&command)?,
        Command::Serve(arguments) => return serve::run(arguments, &globals, output).await,
        Command::Config(arguments) => config::run(&arguments, &globals)?,
        Command::Sign(arguments) => sign::run(arguments, &Clients::configured(&globals)?)?,
        Command::Weiting(command) => {
            let clients = Clients::configured(&globals)?;
            let outcome = weiting(command, &clients, output).await;
            clients.settle().await;
            return outcome;
        }
        Command::Fensi(command) => fensi_report(command, &globals, output).await?,
        Command::Inbox(arguments) => return inbox::run(arguments, &globals, output).await,
        Command::Listen(arguments) => return listen::run(arguments, &globals, output).await,
    };
    output.report(&report)
}

async fn weiting(command: WeitingCommand, clients: &Clients, output: Output) -> Result<ExitCode, Failure> {
    let report = match command {
        WeitingCommand::Token(TokenArguments { command }) => match command {
            None => weiting::token::current(clients).await?,
            Some(TokenCommand::Show) => weiting::token::show(clients).await?,
            Some(TokenCommand::Refresh(arguments)) => weiting::token::refresh(clients, &arguments).await?,
            Some(TokenCommand::Watch) => return weiting::token::watch(clients, output).await,
        },
        WeitingCommand::AuthorizeUrl(arguments) => weiting::authorize_url::run(arguments, clients).await?,
        WeitingCommand::Openid(arguments) => weiting::openid::run(arguments, clients).await?,
        WeitingCommand::User(arguments) => weiting::user::run(arguments, clients).await?,
        WeitingCommand::Notify(arguments) => weiting::notify::run(arguments, clients).await?,
        WeitingCommand::LoginReport(arguments) => weiting::login_report::run(arguments, clients).await?,
        WeitingCommand::OrderReport(arguments) => weiting::order_report::run(arguments, clients).await?,
        WeitingCommand::Mobile(arguments) => weiting::mobile::run(arguments, clients).await?,
    };
    output.report(&report)
}

async fn fensi_report(command: FensiCommand, globals: &Globals, output: Output) -> Result<Report, Failure> {
    match command {
        FensiCommand::Qrcode(mut arguments) => {
            let clients = Clients::with_database(globals, arguments.database.take())?;
            fensi::qrcode::run(arguments, &clients, output).await
        }
        FensiCommand::Scenes => fensi::scenes::run(&Clients::configured(globals)?).await,
        FensiCommand::Cities => fensi::cities::run(&Clients::configured(globals)?).await,
        FensiCommand::Push(arguments) => fensi::push::run(&arguments, globals),
    }
}
