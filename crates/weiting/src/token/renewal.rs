//! One renewal: claims the fetch lease from the store, fetches and saves; or takes the token of another process.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use weifen_proto::Endpoint;
use weifen_proto::weiting::AccessTokenRequest;
use weifen_transport::{CallError, Clock, Failure, Jitter, OutOfTime, StoreError, TransportError, Withheld};

use super::cached_token::CachedToken;
use super::store::{Claim, ClaimOutcome, Lease, SaveOutcome, Stored};
use super::{Token, TokenFetcher, TokenKey, TokenPolicy, TokenStore};

/// First and longest pause between two claims while another process holds the lease.
const FIRST_POLL: Duration = Duration::from_millis(10);
const LAST_POLL: Duration = Duration::from_millis(250);

/// Number of fetches that one renewal may lose to another process's later lease. Where clocks of two processes differ
/// by hours, each ignores the other's lease; without this cap they would use up the day's fetches.
const MOST_OUTRUN: u32 = 2;

/// Number of retries for a token that could not be saved, after 1 s, 2 s, 4 s and so on: about a minute in all.
const LATE_SAVES: u32 = 6;

/// Settings and shared state of the renewals of one token.
#[derive(Debug)]
pub(super) struct Renewer {
    pub(super) key: TokenKey,
    pub(super) holder: String,
    pub(super) fetcher: Arc<dyn TokenFetcher>,
    pub(super) store: Arc<dyn TokenStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) jitter: Arc<dyn Jitter>,
    pub(super) policy: TokenPolicy,
    pub(super) late_save: Mutex<Option<Shared<BoxFuture<'static, ()>>>>,
    /// End of the lease of another process for which a renewal waits; `None` where it waits for none.
    pub(super) taken_until: Mutex<Option<SystemTime>>,
}

/// The token that a renewal replaces.
#[derive(Debug, Clone, Copy)]
pub(super) struct StaleToken {
    /// Its generation; 0 where there is none.
    pub(super) generation: u64,
    /// True where the vendor rejected it and the store is not yet told.
    pub(super) is_rejected: bool,
}

/// One moment on both clocks.
#[derive(Clone, Copy)]
struct Moment {
    wall: SystemTime,
    elapsed: Duration,
}

impl Renewer {
    pub(super) async fn load(&self) -> Result<Stored, StoreError> {
        let now = self.clock.wall();
        let mut stored = self.store.load(&self.key, now).await?;
        stored.token = stored.token.filter(|token| token.is_believed(now, self.policy.life));
        Ok(stored)
    }

    /// Returns the token that replaces the stale one: one that another process stored, or a new one.
    pub(super) async fn renew(&self, stale: StaleToken) -> Result<Arc<CachedToken>, CallError> {
        // A store that can be read but not written serves a valid token all the same.
        if let Some(cached) = self.anothers(stale).await.map_err(failed)? {
            return Ok(cached);
        }
        if stale.is_rejected {
            self.store.reject(&self.key, stale.generation).await.map_err(failed)?;
        }
        let mut waited = Duration::ZERO;
        let mut poll = FIRST_POLL;
        let mut outrun = 0;
        loop {
            let began = self.now();
            let claimed = self.store.claim(&self.key, &self.claim(stale, began)).await.map_err(failed)?;
            self.note(&claimed);
            match claimed {
                ClaimOutcome::Granted(lease) => {
                    let lost = match self.fetch(&lease, began).await {
                        Ok(Some(cached)) => return Ok(cached),
                        Ok(None) => {
                            outrun += 1;
                            let until = self.clock.wall() + self.policy.lease;
                            (outrun == MOST_OUTRUN).then(|| failed(Withheld::Taken { until }))
                        }
                        Err(error) => Some(error),
                    };
                    // A process that was stopped in mid-fetch wakes to a lost reply, and perhaps to another's token.
                    if let Some(error) = lost {
                        return self.anothers(stale).await.ok().flatten().ok_or(error);
                    }
                }
                ClaimOutcome::Current(token) => {
                    if let Some(cached) = self.hold(token) {
                        return Ok(cached);
                    }
                }
                ClaimOutcome::Taken { until } if waited > self.policy.lease * 2 => {
                    return Err(failed(Withheld::Taken { until }));
                }
                ClaimOutcome::Taken { .. } => {}
                ClaimOutcome::Withheld(withheld) => return Err(failed(withheld)),
            }
            tokio::time::sleep(poll).await;
            waited += poll;
            poll = (poll * 2).min(LAST_POLL);
        }
    }

    /// Returns the store's token if it is valid and later than the stale one.
    async fn anothers(&self, stale: StaleToken) -> Result<Option<Arc<CachedToken>>, StoreError> {
        let token = self.load().await?.token.filter(|token| token.generation() > stale.generation);
        Ok(token.and_then(|token| self.hold(token)))
    }

    /// Fetches and saves under `lease`; `None` if the lease was granted to another meanwhile.
    async fn fetch(&self, lease: &Lease, began: Moment) -> Result<Option<Arc<CachedToken>>, CallError> {
        // A panic counts as a failure, so that nobody waits for the lease to end. Its message may hold a secret.
        let fetch = AssertUnwindSafe(self.fetcher.fetch()).catch_unwind();
        let outcome = match tokio::time::timeout(self.policy.lease, fetch).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(no_reply(std::io::Error::other("the fetch panicked"))),
            Err(late) => Err(no_reply(late)),
        };
        let value = match outcome {
            Ok(value) => value,
            Err(error) => {
                if let Err(fault) = self.store.fail(&self.key, lease).await {
                    warn("could not record a failed fetch in the token store", &fault);
                }
                return Err(error);
            }
        };
        let token = Token::new(value, lease.generation, began.wall, self.policy.life);
        match self.store.save(&self.key, lease, &token).await {
            Ok(SaveOutcome::Kept) => tracing::info!(generation = lease.generation, "fetched an access_token"),
            Ok(SaveOutcome::Superseded) => {
                tracing::warn!(
                    generation = lease.generation,
                    "dropped an access_token: another process has fetched a newer one"
                );
                return Ok(None);
            }
            Err(fault) => {
                warn("fetched an access_token, but could not save it", &fault);
                self.save_later(lease.clone(), token.clone());
            }
        }
        Ok(Some(self.cache(token, began.elapsed + self.policy.life)))
    }

    fn note(&self, claimed: &ClaimOutcome) {
        let until = if let ClaimOutcome::Taken { until } = claimed { Some(*until) } else { None };
        *self.taken_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Error of a caller whose deadline passed: the lease of another process, where one is known, else the timeout.
    pub(super) fn late(&self, late: OutOfTime) -> CallError {
        let until = *self.taken_until.lock().unwrap_or_else(PoisonError::into_inner);
        match until.filter(|until| *until > self.clock.wall()) {
            Some(until) => failed(Withheld::Taken { until }),
            None => no_reply(late),
        }
    }

    /// Retries to save a token in the background, so that a short outage of the store costs no second fetch.
    fn save_later(&self, lease: Lease, token: Token) {
        let (store, key) = (self.store.clone(), self.key.clone());
        let saving = tokio::spawn(async move {
            for attempt in 0..LATE_SAVES {
                tokio::time::sleep(Duration::from_secs(1 << attempt)).await;
                if store.save(&key, &lease, &token).await.is_ok() {
                    return;
                }
            }
        });
        // The task ends early only with its runtime.
        let saved = saving.map(|_| ()).boxed().shared();
        *self.late_save.lock().unwrap_or_else(PoisonError::into_inner) = Some(saved);
    }

    /// Waits until the retries of a save have ended, with or without success.
    pub(super) async fn saved(&self) {
        let saved = self.late_save.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(saved) = saved {
            saved.await;
        }
    }

    /// Holds a stored token from now on, if it is valid; for one life at most, as its expiry is wall time, which may
    /// jump.
    fn hold(&self, token: Token) -> Option<Arc<CachedToken>> {
        let now = self.now();
        let left = token.expires_at().duration_since(now.wall).ok().filter(|left| !left.is_zero())?;
        Some(self.cache(token, now.elapsed + left.min(self.policy.life)))
    }

    fn cache(&self, token: Token, ends: Duration) -> Arc<CachedToken> {
        Arc::new(CachedToken::new(token, ends, self.policy.renewal(ends, self.jitter.fraction())))
    }

    fn claim(&self, stale: StaleToken, now: Moment) -> Claim {
        Claim {
            holder: self.holder.clone(),
            now: now.wall,
            life: self.policy.life,
            lease: self.policy.lease,
            daily_limit: self.policy.daily_limit,
            replaces: stale.generation,
        }
    }

    fn now(&self) -> Moment {
        Moment { wall: self.clock.wall(), elapsed: self.clock.elapsed() }
    }
}

/// Error of a renewal without a reply: the fetch timed out, panicked or was lost.
pub(super) fn no_reply(why: impl std::error::Error + Send + Sync + 'static) -> CallError {
    failed(Failure::NoReply(TransportError::no_reply(why)))
}

/// Error of a renewal; a daily limit adds a hint to its key.
pub(super) fn failed(failure: impl Into<Failure>) -> CallError {
    let failure = failure.into();
    let limited = matches!(failure, Failure::Withheld(Withheld::DailyLimit { .. }));
    let error = CallError::new(const { &AccessTokenRequest::OPERATION }, failure);
    if limited {
        return error.with_hint(
            "微厅 limits the token fetches of a day but does not document the number; `daily_limit` sets it",
        );
    }
    error
}

fn warn(what: &str, fault: &StoreError) {
    tracing::warn!(error = fault as &dyn std::error::Error, "{what}");
}
