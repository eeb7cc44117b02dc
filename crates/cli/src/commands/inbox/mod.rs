//! `weifen inbox …`: one file a command. None needs a secret; they work beside a running server.

mod backup;
mod book;
mod due;
mod event_id;
mod list;
mod missing;
pub(super) mod opened;
mod purge;
mod quarantine;
mod readmit;
mod restore;
mod resume;
mod row;
mod show;
mod stats;
pub(super) mod tail;

use std::process::ExitCode;

use crate::arguments::{Globals, InboxArguments, InboxCommand, QuarantineArguments, QuarantineCommand};
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::Output;

/// Number of rows of a long list that people are shown.
const SHOWN: u32 = 100;

pub(crate) async fn run(arguments: InboxArguments, globals: &Globals, output: Output) -> Result<ExitCode, Failure> {
    let clients = Clients::with_database(globals, arguments.database)?;
    let config = clients.config();
    let report = match arguments.command {
        InboxCommand::List(arguments) => return list::run(&arguments, config, output).await,
        InboxCommand::Tail => return tail::run(config, output).await,
        InboxCommand::Show(arguments) => show::run(&arguments, config).await?,
        InboxCommand::Stats => stats::run(config).await?,
        InboxCommand::Quarantine(QuarantineArguments { command: None }) => {
            return quarantine::run(config, output).await;
        }
        InboxCommand::Quarantine(QuarantineArguments { command: Some(QuarantineCommand::Readmit(arguments)) }) => {
            readmit::run(&arguments, config).await?
        }
        InboxCommand::Release(arguments) => due::release(&arguments, config).await?,
        InboxCommand::Redrive(arguments) => due::redrive(&arguments, config).await?,
        InboxCommand::Resume => resume::run(config).await?,
        InboxCommand::Book(arguments) => book::run(arguments, config).await?,
        InboxCommand::Missing(arguments) => missing::run(&arguments, config).await?,
        InboxCommand::Purge(arguments) => purge::run(&arguments, config).await?,
        InboxCommand::Backup(arguments) => backup::run(&arguments, config).await?,
        InboxCommand::Restore(arguments) => restore::run(&arguments, config).await?,
    };
    output.report(&report)
}

/// The line below a list that is cut.
fn and_more(all: u64, shown: usize) -> String {
    match all.saturating_sub(shown as u64) {
        0 => String::new(),
        1 => "\n\n1 more is older; --json lists it too.".to_owned(),
        more => format!("\n\n{more} more are older; --json lists all."),
    }
}
