//! `weifen inbox list`: the newest for people, all for programs.

use std::process::ExitCode;

use weifen::Config;
use weifen::inbox::{Inbox, Status};
use weifen_server::EventRow;

use super::{SHOWN, and_more, opened, row};
use crate::arguments::ListArguments;
use crate::failure::Failure;
use crate::output::{Output, listing, table, write_line};

pub(super) async fn run(arguments: &ListArguments, config: &Config, output: Output) -> Result<ExitCode, Failure> {
    let status = match arguments {
        ListArguments { held: true, .. } => Some(Status::Held),
        ListArguments { dead: true, .. } => Some(Status::Dead),
        _ => None,
    };
    opened::existing(config, async |inbox| match output {
        Output::Json => {
            let page = async |after| Ok(inbox.events(status, after).await?.into_iter().map(EventRow::from).collect());
            listing("events", EventRow::id, page).await
        }
        Output::People(_) => newest(inbox, status).await,
    })
    .await
}

async fn newest(inbox: &Inbox, status: Option<Status>) -> Result<ExitCode, Failure> {
    let events = inbox.newest_events(status, SHOWN).await?;
    let rows: Vec<_> = events.iter().map(row::cells).collect::<Result<_, _>>()?;
    let is_all = rows.len() < SHOWN as usize;
    let more = if is_all { String::new() } else { and_more(count(inbox, status).await?, rows.len()) };
    write_line(&format!("{}{more}", table(row::HEADER, rows)))?;
    Ok(ExitCode::SUCCESS)
}

async fn count(inbox: &Inbox, status: Option<Status>) -> Result<u64, Failure> {
    let events = inbox.stats().await?.events;
    Ok(match status {
        Some(status) => events.get(status.as_str()).copied().unwrap_or_default(),
        None => events.values().sum(),
    })
}
