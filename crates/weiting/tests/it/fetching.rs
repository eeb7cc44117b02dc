//! A fetcher that hands out numbered tokens and counts, and managers over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use weifen_transport::mock::{FixedJitter, ManualClock};
use weifen_transport::{BaseUrl, BuildError, CallError, Failure, Plaintext, TransportError, async_trait};
use weifen_weiting::token::{MemoryStore, TokenFetcher, TokenKey, TokenManager, TokenManagerBuilder, TokenStore};
use weifen_weiting::{AccessToken, AccessTokenRequest};

/// The name of the token operation, for errors.
const OPERATION: &weifen_proto::Operation = &<AccessTokenRequest as weifen_proto::Endpoint>::OPERATION;

/// Noon in Beijing, long ago.
pub(crate) const NOON: u64 = 1_557_201_600;

/// A clock that stands at noon.
pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(NOON))
}

/// A store for several managers.
pub(crate) fn memory() -> Arc<dyn TokenStore> {
    Arc::new(MemoryStore::new())
}

/// A fetcher of `token-1`, `token-2` and so on, each after `delay`.
#[derive(Debug, Default)]
pub(crate) struct Fetcher {
    fetches: AtomicUsize,
    pub(crate) delay: Duration,
    fails: AtomicBool,
}

impl Fetcher {
    pub(crate) fn new(delay: Duration) -> Arc<Self> {
        Arc::new(Self { delay, ..Self::default() })
    }

    /// Lets all further fetches fail, or succeed again.
    pub(crate) fn fails(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    pub(crate) fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    pub(crate) fn manager(self: &Arc<Self>, clock: &Arc<ManualClock>) -> TokenManager {
        self.manager_with(clock, |builder| builder).unwrap()
    }

    /// A manager with these settings.
    pub(crate) fn manager_with(
        self: &Arc<Self>,
        clock: &Arc<ManualClock>,
        settings: impl FnOnce(TokenManagerBuilder) -> TokenManagerBuilder,
    ) -> Result<TokenManager, BuildError> {
        let builder = TokenManager::builder().clock(clock.clone()).jitter(Arc::new(FixedJitter(0.5)));
        settings(builder).build(key("secret"), self.clone())
    }

    /// A manager as of another process: it shares only the store.
    pub(crate) fn process(self: &Arc<Self>, clock: &Arc<ManualClock>, store: &Arc<dyn TokenStore>) -> TokenManager {
        self.manager_with(clock, |builder| builder.store(store.clone())).unwrap()
    }
}

pub(crate) fn key(secret: &str) -> TokenKey {
    TokenKey::new("wx1", &BaseUrl::new("https://m.sh.189.cn", Plaintext::Refused).unwrap(), &secret.into())
}

#[async_trait]
impl TokenFetcher for Fetcher {
    async fn fetch(&self) -> Result<AccessToken, CallError> {
        let fetch = self.fetches.fetch_add(1, Ordering::SeqCst) + 1;
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        if self.fails.load(Ordering::SeqCst) {
            let lost = TransportError::no_reply(std::io::Error::other("lost"));
            return Err(CallError::new(OPERATION, Failure::NoReply(lost)));
        }
        Ok(format!("token-{fetch}").parse().unwrap())
    }
}
