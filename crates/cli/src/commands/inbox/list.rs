//! `weifen inbox list`: people are shown the newest, programs get all.

use std::process::ExitCode;

use weifen::Config;
use weifen::inbox::{Inbox, Status};

use super::row::Row;
use super::{SHOWN, and_more, opened};
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
        Output::Json => all(inbox, status).await,
        Output::People => newest(inbox, status).await,
    })
    .await
}

async fn all(inbox: &Inbox, status: Option<Status>) -> Result<ExitCode, Failure> {
    let mut after = 0;
    listing("events", async || {
        let events = inbox.events(status, after).await?;
        after = events.last().map_or(after, |event| event.id);
        events.into_iter().map(Row::try_from).collect()
    })
    .await
}

async fn newest(inbox: &Inbox, status: Option<Status>) -> Result<ExitCode, Failure> {
    let events = inbox.newest_events(status, SHOWN).await?;
    let shown = events.len();
    let rows: Vec<_> = events.into_iter().map(Row::try_from).collect::<Result<_, _>>()?;
    let more = if rows.len() < SHOWN as usize { String::new() } else { and_more(count(inbox, status).await?, shown) };
    write_line(&format!("{}{more}", table(Row::HEADER, rows.iter().map(Row::cells))))?;
    Ok(ExitCode::SUCCESS)
}

async fn count(inbox: &Inbox, status: Option<Status>) -> Result<u64, Failure> {
    let events = inbox.stats().await?.events;
    Ok(match status {
        Some(status) => events.get(status.as_str()).copied().unwrap_or_default(),
        None => events.values().sum(),
    })
}
