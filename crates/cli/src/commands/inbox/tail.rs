//! `weifen inbox tail`: prints events as they come in, until it is interrupted.

use std::process::ExitCode;

use weifen::Config;
use weifen::inbox::{Change, ChangeKind, Inbox, Tail};
use weifen::transport::{StoreError, StoreErrorKind};
use weifen_server::EventRow;

use super::{opened, row};
use crate::failure::Failure;
use crate::interrupted::interrupted;
use crate::output::{Output, aside, document, plain, write};

pub(super) async fn run(config: &Config, output: Output) -> Result<ExitCode, Failure> {
    let ended = interrupted();
    opened::existing(config, async |inbox| {
        let mut changes = Changes::from_now(inbox).await?;
        aside(&format!("waiting for events in {}; Ctrl-C ends it", inbox.database()));
        if output != Output::Json && !write(&[&row::HEADER.join("  "), "\n"])? {
            return Ok(ExitCode::SUCCESS);
        }
        tokio::select! {
            outcome = print(&mut changes, output) => outcome,
            ended = ended => ended,
        }?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}

/// Writes each new event on its own line; returns when stdout's reader is gone.
async fn print(changes: &mut Changes, output: Output) -> Result<(), Failure> {
    loop {
        for Change { event, .. } in
            changes.next().await?.into_iter().filter(|change| change.kind == ChangeKind::Received)
        {
            let text = match output {
                Output::Json => document(&EventRow::from(event))?,
                Output::People(_) => row::cells(&event)?.each_ref().map(|cell| plain(cell)).join("  "),
            };
            if !write(&[&text, "\n"])? {
                return Ok(());
            }
        }
    }
}

/// Changes of an inbox's events, which waits for a database that is away.
pub(in crate::commands) struct Changes {
    tail: Tail,
    is_away: bool,
}

impl Changes {
    pub(in crate::commands) async fn from_now(inbox: &Inbox) -> Result<Self, StoreError> {
        Ok(Self { tail: inbox.tail().await?, is_away: false })
    }

    /// Returns the next changes.
    ///
    /// # Errors
    /// When the database can't be used any more.
    pub(in crate::commands) async fn next(&mut self) -> Result<Vec<Change>, Failure> {
        loop {
            match self.tail.next().await {
                Ok(changes) => {
                    self.is_away = false;
                    return Ok(changes);
                }
                Err(error) if error.kind() == StoreErrorKind::Unavailable => {
                    if !std::mem::replace(&mut self.is_away, true) {
                        aside(&format!("{}; trying again", Failure::from(error).sentence()));
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
