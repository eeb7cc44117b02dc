//! Holds one token for every caller of a process, and has it renewed once however many wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinError};
use weifen_transport::{CallError, Deadline, Failure, StoreError};

use super::cached_token::CachedToken;
use super::renewal::{Renewer, StaleToken, failed, no_reply};
use super::store::Stored;
use super::{Token, TokenKey, TokenManagerBuilder, TokenPolicy};

/// How long callers share a failure: those that came together with the one that failed, and are late.
const SHARED_FOR: Duration = Duration::from_secs(1);

/// How long after a renewal that failed the next is tried while the old token is valid; doubled with each failure.
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LAST_RETRY: Duration = Duration::from_secs(60);

/// Fetches a token on first use, shares it through a [`TokenStore`](super::TokenStore), and renews it in the background
/// before its end.
///
/// Callers that find no valid token wait for one fetch together and share its failure. While a token is valid nobody
/// waits: a renewal goes on beside the calls, and one that fails leaves the old token in use until its end. Fetches are
/// tasks of their own, so that a caller that gives up takes nothing with it; a manager works within a tokio runtime
/// that has its timer. They run on the runtime of the call that began them: one that is kept but no longer driven holds
/// up the callers on all others.
///
/// Clones share everything.
#[derive(Debug, Clone)]
pub struct TokenManager(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    renewer: Renewer,
    cached: ArcSwapOption<CachedToken>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    under_way: Option<UnderWay>,
    /// The generation that the vendor rejected, until another is held.
    rejected: Option<u64>,
    /// The last failure, and until when callers share it.
    failure: Option<(CallError, Duration)>,
    failures: u32,
}

type SharedRenewal = Shared<BoxFuture<'static, Result<Token, CallError>>>;

/// A renewal that callers wait for.
#[derive(Debug)]
struct UnderWay {
    task: AbortHandle,
    outcome: SharedRenewal,
}

impl TokenManager {
    /// A manager that keeps its token in memory, unless it is told otherwise.
    pub fn builder() -> TokenManagerBuilder {
        TokenManagerBuilder::new()
    }

    pub(super) fn new(renewer: Renewer) -> Self {
        Self(Arc::new(Inner { renewer, cached: ArcSwapOption::empty(), state: Mutex::default() }))
    }

    /// The token, if one is held and valid. Takes no lock and no memory, but for the one call that begins a renewal.
    pub fn cached(&self) -> Option<Token> {
        let cached = self.0.cached.load();
        let cached = cached.as_ref()?;
        let now = self.0.renewer.clock.elapsed();
        if !cached.is_valid(now) {
            return None;
        }
        if cached.is_due(now) && Handle::try_current().is_ok() && cached.takes_renewal(now) {
            drop(self.begin(&mut self.0.state(), cached.token.generation()));
        }
        Some(cached.token.clone())
    }

    /// A token that is believed to be valid now: the one that is held, else the store's, else a new one.
    ///
    /// # Errors
    /// When one had to be fetched and could not be.
    pub async fn current(&self) -> Result<Token, CallError> {
        match self.cached() {
            Some(token) => Ok(token),
            None => self.renewed().await,
        }
    }

    /// Waits until `deadline` for what one of this manager's methods brings. What was begun goes on: a fetch has been
    /// counted.
    ///
    /// # Errors
    /// Those of `work`; and when it does not come in time, which other process holds the right to fetch until when, or
    /// that the time is over.
    pub async fn until<T>(
        &self,
        deadline: Deadline,
        work: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        deadline.wait(work).await.unwrap_or_else(|late| Err(self.0.renewer.late(late)))
    }

    /// The vendor rejected `token`: if it is the one that is held, it is handed out no more, and the store is told when
    /// the next token is asked for. A later one stays.
    pub fn rejected(&self, token: &Token) {
        let mut state = self.0.state();
        if self.0.cached.load().as_ref().is_some_and(|cached| cached.token.is(token)) {
            self.0.cached.store(None);
            state.rejected = Some(token.generation());
            state.failure = None;
        }
    }

    /// A token in the place of the one of this `generation`, which the vendor rejected: for who found that out without a
    /// manager, such as a program in another language. Another one that is there already is taken, and nothing fetched.
    ///
    /// # Errors
    /// When the store can't be used, or one had to be fetched and could not be.
    pub async fn replace_rejected(&self, generation: u64) -> Result<Token, CallError> {
        let token = self.synchronise().await?;
        if token.generation() != generation {
            return Ok(token);
        }
        self.rejected(&token);
        self.current().await
    }

    /// Fetches a new token, though the old one may be valid. It counts against the daily limit like every other; if
    /// another process is just fetching one, that one is taken and nothing counted.
    ///
    /// # Errors
    /// When none could be fetched; the old one stays in use.
    pub async fn refresh(&self) -> Result<Token, CallError> {
        let cached = self.0.cached.load().as_ref().map(|cached| cached.token.generation());
        let stored = self.stored().await.map_err(failed)?.token.map(|token| token.generation());
        let replaces = cached.max(stored).unwrap_or_default();
        let renewal = self.begin(&mut self.0.state(), replaces);
        let token = renewal.await?;
        if token.generation() > replaces {
            return Ok(token);
        }
        // It was under way before, and only took over what the store held.
        let renewal = self.begin(&mut self.0.state(), replaces);
        renewal.await
    }

    /// What the store holds and has counted, but for a token whose end can't be right ([`Token::is_believed`]). Fetches
    /// nothing.
    ///
    /// # Errors
    /// When the store can't be used.
    pub async fn stored(&self) -> Result<Stored, StoreError> {
        self.0.renewer.load().await
    }

    /// Looks after what others have done to the store since, and takes over their newer token; fetches one where they
    /// left none. For a program that keeps a store warm: calls never need it.
    ///
    /// # Errors
    /// When the store can't be used, or there is no token and none could be fetched.
    pub async fn synchronise(&self) -> Result<Token, CallError> {
        let cached = self.0.cached.load_full();
        let stored = self.stored().await.map_err(failed)?.token;
        if cached.as_ref().is_some_and(|cached| stored.is_none_or(|token| !cached.token.is(&token))) {
            // What came to be held since the store was asked is later than its answer, and stays.
            self.0.cached.compare_and_swap(&cached, None);
        }
        self.current().await
    }

    /// Waits until no renewal is under way, and no token waits for a store that was away, which is given up after about a
    /// minute. A program that ends before has counted a fetch for nothing.
    ///
    /// # Errors
    /// When the renewal that was under way failed; the token that is held stays in use.
    pub async fn settle(&self) -> Result<(), CallError> {
        let outcome = self.0.state().running();
        let renewed = match outcome {
            Some(outcome) => outcome.await.map(|_| ()),
            None => Ok(()),
        };
        self.0.renewer.saved().await;
        renewed
    }

    /// How long a token lives, and how often one may be fetched.
    pub fn policy(&self) -> &TokenPolicy {
        &self.0.renewer.policy
    }

    /// Under what the store keeps the token.
    pub fn key(&self) -> &TokenKey {
        &self.0.renewer.key
    }

    /// Waits for a renewal, unless one has just ended.
    async fn renewed(&self) -> Result<Token, CallError> {
        let renewal = {
            let mut state = self.0.state();
            let now = self.0.renewer.clock.elapsed();
            let cached = self.0.cached.load();
            if let Some(cached) = cached.as_ref().filter(|cached| cached.is_valid(now)) {
                return Ok(cached.token.clone());
            }
            if let Some((failure, until)) = &state.failure
                && now < *until
            {
                return Err(failure.clone());
            }
            let replaces = state.rejected.or(cached.as_ref().map(|cached| cached.token.generation()));
            self.begin(&mut state, replaces.unwrap_or_default())
        };
        renewal.await
    }

    /// The renewal that is under way, begun if there is none, to replace the token of this `generation`.
    fn begin(&self, state: &mut State, generation: u64) -> SharedRenewal {
        if let Some(outcome) = state.running() {
            return outcome;
        }
        let is_rejected = state.rejected == Some(generation);
        let manager = self.0.clone();
        let task =
            tokio::spawn(
                async move { manager.close(manager.renewer.renew(StaleToken { generation, is_rejected }).await) },
            );
        let handle = task.abort_handle();
        let outcome = async { task.await.unwrap_or_else(|lost| Err(unfinished(&lost))) }.boxed().shared();
        state.under_way = Some(UnderWay { task: handle, outcome: outcome.clone() });
        outcome
    }
}

/// The error of a renewal that did not come to its end. What a panic said stays out of it.
fn unfinished(lost: &JoinError) -> CallError {
    let why = if lost.is_panic() { "the store panicked" } else { "the fetch ended with the runtime that it ran on" };
    no_reply(std::io::Error::other(why))
}

impl State {
    /// The renewal that has not ended. One whose runtime ended, or that panicked, never closed itself.
    fn running(&self) -> Option<SharedRenewal> {
        self.under_way.as_ref().filter(|renewal| !renewal.task.is_finished()).map(|renewal| renewal.outcome.clone())
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a renewal: what it brought is held from here on.
    fn close(&self, outcome: Result<Arc<CachedToken>, CallError>) -> Result<Token, CallError> {
        let mut state = self.state();
        state.under_way = None;
        match outcome {
            Ok(cached) => {
                let token = cached.token.clone();
                self.cached.store(Some(cached));
                *state = State::default();
                Ok(token)
            }
            Err(error) => {
                let now = self.renewer.clock.elapsed();
                state.failures += 1;
                state.failure = Some((error.clone(), now + SHARED_FOR));
                if let Some(cached) = self.cached.load().as_ref() {
                    cached.renew_at(now + self.retry(&error, state.failures));
                    if cached.is_valid(now) {
                        tracing::warn!(error = &error as &dyn std::error::Error, "could not renew the access_token");
                    }
                }
                Err(error)
            }
        }
    }

    /// How long after a failure the next renewal is tried.
    fn retry(&self, error: &CallError, failures: u32) -> Duration {
        let doubled = FIRST_RETRY.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LAST_RETRY);
        let backoff = doubled.mul_f64(0.9 + 0.2 * self.renewer.jitter.fraction());
        match error.failure() {
            Failure::Withheld(withheld) => {
                let until = withheld.until().duration_since(self.renewer.clock.wall());
                until.unwrap_or_default().max(backoff)
            }
            _ => backoff,
        }
    }
}
