//! Holds one token for all callers of a process, and renews it once for all callers that wait.

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

/// Time for which a failure is returned to further callers: those that arrived together with the first, but late.
const SHARED_FOR: Duration = Duration::from_secs(1);

/// First and longest pause after a failed renewal while the old token is valid; doubled with each failure.
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LAST_RETRY: Duration = Duration::from_secs(60);

/// Fetches a token on first use, shares it through a [`TokenStore`](super::TokenStore), and renews it in the
/// background before its end.
///
/// Callers that find no valid token wait for one fetch together and share its failure. While a token is valid nobody
/// waits: the renewal runs in the background, and after a failed one the old token stays in use until its end. Each
/// fetch is a task of its own, so a caller that gives up cancels nothing. A manager needs a tokio runtime with its
/// timer. A fetch runs on the runtime of the call that began it: where that runtime is kept but no longer driven,
/// callers on all others wait in vain.
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
    /// Generation that the vendor rejected, until another token is held.
    rejected: Option<u64>,
    /// The last failure, and the time until which it is returned to callers.
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
    /// Returns a builder of a manager; its default store is this process's memory.
    pub fn builder() -> TokenManagerBuilder {
        TokenManagerBuilder::new()
    }

    pub(super) fn new(renewer: Renewer) -> Self {
        Self(Arc::new(Inner { renewer, cached: ArcSwapOption::empty(), state: Mutex::default() }))
    }

    /// Returns the token, if one is held and valid. Only the one call that begins a renewal locks or allocates.
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

    /// Returns a token that is valid now: the one that is held, else the store's, else a new one.
    ///
    /// # Errors
    /// The store can't be used, or the fetch failed or was withheld. The next call may try again.
    pub async fn current(&self) -> Result<Token, CallError> {
        match self.cached() {
            Some(token) => Ok(token),
            None => self.renewed().await,
        }
    }

    /// Waits until `deadline` for `work`, a call of one of this manager's methods. A fetch that was begun goes on
    /// after it, since it is counted.
    ///
    /// # Errors
    /// Those of `work`. After the deadline: [`Withheld::Taken`](weifen_transport::Withheld::Taken) where another
    /// process holds the fetch lease, else [`Failure::NoReply`].
    pub async fn until<T>(
        &self,
        deadline: Deadline,
        work: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        deadline.wait(work).await.unwrap_or_else(|late| Err(self.0.renewer.late(late)))
    }

    /// Drops `token`, which the vendor rejected, unless a later one is held. The store drops it with the next renewal.
    pub fn rejected(&self, token: &Token) {
        let mut state = self.0.state();
        if self.0.cached.load().as_ref().is_some_and(|cached| cached.token.is(token)) {
            self.0.cached.store(None);
            state.rejected = Some(token.generation());
            state.failure = None;
        }
    }

    /// Returns a token in place of the rejected one of this `generation`: for callers that use tokens without a
    /// manager, such as a program in another language. If another token is there already, nothing is fetched.
    ///
    /// # Errors
    /// The store can't be used, or the fetch failed or was withheld.
    pub async fn replace_rejected(&self, generation: u64) -> Result<Token, CallError> {
        let token = self.synchronise().await?;
        if token.generation() != generation {
            return Ok(token);
        }
        self.rejected(&token);
        self.current().await
    }

    /// Fetches a new token, even where the old one is valid. The fetch counts against the daily limit. If another
    /// process is fetching a token, that one is taken and nothing is counted.
    ///
    /// # Errors
    /// The store can't be used, or the fetch failed or was withheld. The old token stays in use.
    pub async fn refresh(&self) -> Result<Token, CallError> {
        let cached = self.0.cached.load().as_ref().map(|cached| cached.token.generation());
        let stored = self.stored().await.map_err(failed)?.token.map(|token| token.generation());
        let replaces = cached.max(stored).unwrap_or_default();
        let renewal = self.begin(&mut self.0.state(), replaces);
        let token = renewal.await?;
        if token.generation() > replaces {
            return Ok(token);
        }
        // That renewal was running before, and only took over the store's token.
        let renewal = self.begin(&mut self.0.state(), replaces);
        renewal.await
    }

    /// Reads the store's token, counts and lease, without a token whose expiry is implausible
    /// ([`Token::is_believed`]). Fetches nothing.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn stored(&self) -> Result<Stored, StoreError> {
        self.0.renewer.load().await
    }

    /// Reads the store and takes over a newer token of another process; fetches one where the store holds none. For a
    /// program that keeps a store warm: calls never need it.
    ///
    /// # Errors
    /// The store can't be used, or there is no token and the fetch failed or was withheld.
    pub async fn synchronise(&self) -> Result<Token, CallError> {
        let cached = self.0.cached.load_full();
        let stored = self.stored().await.map_err(failed)?.token;
        if cached.as_ref().is_some_and(|cached| stored.is_none_or(|token| !cached.token.is(&token))) {
            // A token that was stored here since the read is later than what was read, and stays.
            self.0.cached.compare_and_swap(&cached, None);
        }
        self.current().await
    }

    /// Waits until no renewal is running and no save is being retried (about a minute at most). A program that ends
    /// without it may lose a token whose fetch is counted.
    ///
    /// # Errors
    /// The running renewal failed. The token that is held stays in use.
    pub async fn settle(&self) -> Result<(), CallError> {
        let outcome = self.0.state().running();
        let renewed = match outcome {
            Some(outcome) => outcome.await.map(|_| ()),
            None => Ok(()),
        };
        self.0.renewer.saved().await;
        renewed
    }

    /// The token's life, the time of its renewal, and the limits of fetches.
    pub fn policy(&self) -> &TokenPolicy {
        &self.0.renewer.policy
    }

    /// Key under which the store keeps the token.
    pub fn key(&self) -> &TokenKey {
        &self.0.renewer.key
    }

    /// Waits for a renewal. A token or a failure that has just come is returned at once.
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

    /// Returns the running renewal, or begins one that replaces the token of this `generation`.
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

/// The error of a renewal whose task was lost. A panic's message may hold a secret and is left out.
fn unfinished(lost: &JoinError) -> CallError {
    let why = if lost.is_panic() { "the store panicked" } else { "the async runtime shut down during the fetch" };
    no_reply(std::io::Error::other(why))
}

impl State {
    /// Returns the running renewal. A task whose runtime ended, or that panicked, is finished but never closed itself.
    fn running(&self) -> Option<SharedRenewal> {
        self.under_way.as_ref().filter(|renewal| !renewal.task.is_finished()).map(|renewal| renewal.outcome.clone())
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a renewal: holds its token, or keeps its failure for late callers and schedules the next attempt.
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

    /// Returns the pause before the next renewal: the backoff, or the end of a limit or lease where that is later.
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
