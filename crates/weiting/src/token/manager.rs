//! Holds one token in memory for every caller of a process, and fetches it once however many wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use weifen_transport::{CallError, Clock};

use super::{Life, Token, TokenFetcher, TokenSource};

/// A fetch under way, which any number of callers wait for. It goes on as long as one of them does.
type Fetch = Shared<BoxFuture<'static, Result<Token, CallError>>>;

/// How long a renewal that failed is not tried again while the old token is valid: each try costs a place in the
/// vendor's daily limit.
const PAUSE: Duration = Duration::from_secs(30);

/// Fetches a token on first use and renews it before its end.
///
/// Callers that find none wait for one fetch together and share its failure. A renewal that fails leaves the old token
/// in use until its end. A rejected token is dropped only if no later one has taken its place.
#[derive(Debug, Clone)]
pub struct TokenManager {
    shared: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    fetcher: Arc<dyn TokenFetcher>,
    clock: Arc<dyn Clock>,
    life: Life,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    last_generation: u64,
    /// Until when a failed renewal is not tried again.
    paused_until: Duration,
    fetch: Option<WeakShared<BoxFuture<'static, Result<Token, CallError>>>>,
}

/// A token, and its end by the process's own clock, which the wall's jumps don't move.
#[derive(Debug, Clone)]
struct Held {
    token: Token,
    ends: Duration,
}

impl TokenManager {
    /// A manager that has no token yet.
    pub fn new(fetcher: Arc<dyn TokenFetcher>, clock: Arc<dyn Clock>, life: Life) -> Self {
        Self { shared: Arc::new(Inner { fetcher, clock, life, state: Mutex::default() }) }
    }
}

#[async_trait]
impl TokenSource for TokenManager {
    async fn current(&self) -> Result<Token, CallError> {
        let (fetch, fallback) = {
            let mut state = self.shared.state();
            let now = self.shared.clock.elapsed();
            let valid = state.held.clone().filter(|held| now < held.ends);
            match valid {
                Some(held) if now + self.shared.life.refresh_before < held.ends || now < state.paused_until => {
                    return Ok(held.token);
                }
                valid => (self.shared.fetch_under_way(&mut state), valid),
            }
        };
        let outcome = fetch.await;
        let now = self.shared.clock.elapsed();
        match (outcome, fallback) {
            (Err(_), Some(held)) if now < held.ends => {
                self.shared.state().paused_until = now + PAUSE;
                Ok(held.token)
            }
            (outcome, _) => outcome,
        }
    }

    async fn rejected(&self, token: &Token) {
        let mut state = self.shared.state();
        state.held = state.held.take().filter(|held| held.token.generation() > token.generation());
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fetch that callers wait for, begun if there is none.
    fn fetch_under_way(self: &Arc<Self>, state: &mut State) -> Fetch {
        if let Some(fetch) = state.fetch.as_ref().and_then(WeakShared::upgrade)
            && fetch.peek().is_none()
        {
            return fetch;
        }
        let fetch = self.clone().fetch().boxed().shared();
        state.fetch = fetch.downgrade();
        fetch
    }

    /// Fetches a token and holds it. Its life is counted from before the request was sent.
    async fn fetch(self: Arc<Self>) -> Result<Token, CallError> {
        let (began, began_by_wall) = (self.clock.elapsed(), self.clock.wall());
        let value = self.fetcher.fetch().await?;
        let mut state = self.state();
        state.last_generation += 1;
        let token = Token::new(value, state.last_generation, began_by_wall + self.life.life);
        state.held = Some(Held { token: token.clone(), ends: began + self.life.life });
        Ok(token)
    }
}
