//! `weifen inbox tail`: prints events as they come in, until it is interrupted.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use weifen::Config;
use weifen::inbox::{Event, Inbox};
use weifen::transport::{StoreError, StoreErrorKind};

use super::opened;
use super::row::Row;
use crate::failure::Failure;
use crate::interrupted::interrupted;
use crate::output::{Output, aside, document, plain, write};

/// Time between two queries of the inbox.
const LOOK: Duration = Duration::from_millis(500);
/// Number of ids below the highest that are read again: concurrent servers may commit out of order.
const OVERLAP: i64 = 200;

pub(super) async fn run(config: &Config, output: Output) -> Result<ExitCode, Failure> {
    let ended = interrupted();
    opened::existing(config, async |inbox| {
        let mut tail = Tail::from_now(inbox).await?;
        aside(&format!("waiting for events in {}; Ctrl-C ends it", inbox.database()));
        if output != Output::Json && !write(&[&Row::HEADER.join("  "), "\n"])? {
            return Ok(ExitCode::SUCCESS);
        }
        tokio::select! {
            outcome = tail.follow(output) => outcome,
            ended = ended => ended,
        }?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}

struct Tail<'a> {
    inbox: &'a Inbox,
    /// Ids that were seen before, among those that are read again.
    seen: BTreeSet<i64>,
    is_away: bool,
}

impl<'a> Tail<'a> {
    async fn from_now(inbox: &'a Inbox) -> Result<Self, StoreError> {
        let newest = inbox.newest_events(None, 1).await?.pop().map_or(0, |event| event.id);
        let mut tail = Self { inbox, seen: BTreeSet::from([newest]), is_away: false };
        tail.new_events().await?;
        Ok(tail)
    }

    /// Writes each new event on its own line; returns when stdout's reader is gone.
    async fn follow(&mut self, output: Output) -> Result<(), Failure> {
        loop {
            tokio::time::sleep(LOOK).await;
            let events = match self.new_events().await {
                Ok(events) => events,
                Err(error) if error.kind() == StoreErrorKind::Unavailable => {
                    if !std::mem::replace(&mut self.is_away, true) {
                        aside(&format!("{}; trying again", Failure::from(error).sentence()));
                    }
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            self.is_away = false;
            for event in events {
                let row = Row::try_from(event)?;
                let text = match output {
                    Output::Json => document(&row)?,
                    Output::People(_) => row.cells().each_ref().map(|cell| plain(cell)).join("  "),
                };
                if !write(&[&text, "\n"])? {
                    return Ok(());
                }
            }
        }
    }

    async fn new_events(&mut self) -> Result<Vec<Event>, StoreError> {
        let mut new = Vec::new();
        let mut after = self.seen.last().map_or(0, |highest| highest - OVERLAP);
        loop {
            let page = self.inbox.events(None, after).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            new.extend(page.into_iter().filter(|event| self.seen.insert(event.id)));
        }
        let floor = self.seen.last().map_or(0, |highest| highest - OVERLAP);
        self.seen = self.seen.split_off(&floor);
        Ok(new)
    }
}
