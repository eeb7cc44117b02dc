//! `weifen weiting token watch`: keeps the store's token fresh until interrupted, for programs in any language that
//! read it there. Prints no secret.

use std::convert::Infallible;
use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;
use weifen::config::TokenStoreUrl;
use weifen::transport::{CallError, ErrorKind, Failure as CallFailure, Withheld};
use weifen::weiting::token::{Token, TokenManager};

use crate::clients::Clients;
use crate::failure::Failure;
use crate::interrupted::interrupted;
use crate::output::{Output, Report, aside};
use crate::times::at;

/// Time between two looks at the store, each of which is one read: another process's change is seen that late. Short
/// beside any token's life.
const LOOK: Duration = Duration::from_secs(5);
const SHORTEST_LOOK: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Ready<'a> {
    generation: u64,
    expires_at: &'a str,
    store: &'a str,
    pid: u32,
}

pub(crate) async fn watch(clients: &Clients, output: Output) -> Result<ExitCode, Failure> {
    let store = clients.token_store()?;
    if matches!(store, TokenStoreUrl::Memory) {
        let problem = "weiting.token_store is memory, which no other process can read: this command would have no \
            effect";
        return Err(Failure::config_in_words(problem).with_hint("set weiting.token_store to file:PATH or redis://HOST"));
    }
    let ended = interrupted();
    let weiting = clients.weiting()?;
    let mut watch = Watch { tokens: weiting.tokens(), store: store.to_string(), output, seen: Seen::default() };
    tokio::select! {
        outcome = watch.keep_warm() => match outcome? {},
        ended = ended => {
            ended?;
            if is_renewing(weiting.tokens()).await {
                aside("waiting for the running renewal, which may already be counted; Ctrl-C ends it now");
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn is_renewing(tokens: &TokenManager) -> bool {
    tokio::time::timeout(Duration::ZERO, tokens.settle()).await.is_err()
}

struct Watch<'a> {
    tokens: &'a TokenManager,
    store: String,
    output: Output,
    seen: Seen,
}

/// The last report.
#[derive(Default)]
struct Seen {
    generation: Option<u64>,
    failure: Option<String>,
    /// True where the last look found no token.
    lacking: bool,
}

impl Watch<'_> {
    /// Synchronises with the store in a loop.
    ///
    /// # Errors
    /// When the first look finds the configuration wrong, or the store unusable.
    async fn keep_warm(&mut self) -> Result<Infallible, Failure> {
        let pause = LOOK.min(self.tokens.policy().refresh_before / 4).max(SHORTEST_LOOK);
        let mut first = true;
        loop {
            let found = self.tokens.synchronise().await;
            let renewed = self.tokens.settle().await;
            match found {
                Ok(token) => self.found(&self.tokens.cached().unwrap_or(token))?,
                Err(error) if first && matches!(error.kind(), ErrorKind::Config | ErrorKind::Store) => {
                    return Err(error.into());
                }
                Err(error) => {
                    self.seen.lacking = true;
                    self.failed(error);
                }
            }
            if let Err(error) = renewed {
                self.failed(error);
            }
            first = false;
            tokio::time::sleep(pause).await;
        }
    }

    fn found(&mut self, token: &Token) -> Result<(), Failure> {
        let generation = token.generation();
        let back = std::mem::take(&mut self.seen.lacking);
        let Some(before) = self.seen.generation.replace(generation) else {
            self.seen.failure = None;
            return self.ready(token);
        };
        if before != generation || back {
            self.seen.failure = None;
            aside(&format!("token of generation {generation}, until {}", at(token.expires_at())?));
        }
        Ok(())
    }

    /// Reports a failure, unless it was the last one reported, or is only the pause after that.
    fn failed(&mut self, error: CallError) {
        let pause = matches!(error.failure(), CallFailure::Withheld(Withheld::Brake { .. } | Withheld::Taken { .. }));
        let failure = Failure::from(error);
        let known = self.seen.failure.as_deref();
        if known == Some(failure.sentence()) || (pause && known.is_some()) {
            return;
        }
        aside(&format!("error: {}", failure.sentence()));
        if let Some(hint) = self.output.hint(&failure) {
            aside(&hint);
        }
        self.seen.failure = Some(failure.sentence().to_owned());
    }

    fn ready(&self, token: &Token) -> Result<(), Failure> {
        let expires_at = at(token.expires_at())?;
        let (generation, store, pid) = (token.generation(), self.store.as_str(), std::process::id());
        let people = format!(
            "{store} holds a token of generation {generation} until {expires_at}; this command keeps it valid. \
             Ctrl-C ends it"
        );
        self.output.ready(Report::new(&Ready { generation, expires_at: &expires_at, store, pid }, people)?);
        Ok(())
    }
}
