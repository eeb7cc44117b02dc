//! Tokens, their stores, and the clients that hold them.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use weifen::transport::mock::ManualClock;
use weifen::transport::{BaseUrl, Plaintext, ReqwestTransport, Transport};
use weifen::weiting::AccessToken;
use weifen::weiting::token::store::{Claim, ClaimOutcome, Lease, Shelf};
use weifen::weiting::token::{FileFault, FileStore, MemoryStore, RedisFault, RedisStore, Token, TokenKey, TokenStore};

use super::super::block_on;
use super::{Shown, secret};
use crate::calls;
use crate::canary::Secret;
use crate::vendor::{Manner, Vendor};

pub(super) fn show(shown: &mut Shown) -> Result<()> {
    let transport: Arc<dyn Transport> = Arc::new(ReqwestTransport::new()?);
    let token =
        Token::new(AccessToken::new(Secret::AccessToken.value())?, 1, SystemTime::now(), Duration::from_secs(7200));
    shown.value(&token);
    let base_url = BaseUrl::new("https://h.example", Plaintext::Refused)?;
    let key = TokenKey::new("an-appid", &base_url, &secret(Secret::WeitingSecret));
    shown.value(&key);
    let mut shelf = Shelf::default();
    let claim = Claim {
        holder: "a-holder".to_owned(),
        now: SystemTime::now(),
        life: Duration::from_secs(7200),
        lease: Duration::from_secs(9),
        daily_limit: 9,
        replaces: 0,
    };
    shown.value(&claim);
    let claimed = shelf.claim(&key, &claim);
    let ClaimOutcome::Granted(lease) = &claimed else { anyhow::bail!("no right to fetch: {claimed:?}") };
    shown.value::<Lease>(lease);
    let token = Token::new(token.value().clone(), lease.generation, SystemTime::now(), Duration::from_secs(7200));
    shelf.save(&key, lease, &token);
    shown.value(&claimed);
    shown.value(&ClaimOutcome::Current(token));
    shown.value(&shelf.load(&key, SystemTime::now()));
    shown.value(&shelf);
    shown.value(&MemoryStore::new());
    shown.value(&FileStore::new("token.json"));
    shown.value(&ManualClock::at(1));
    shown.value(&RedisStore::new(&format!("redis://:{}@127.0.0.1:9", Secret::RedisPassword.value()))?);
    let builder = calls::weiting("http://127.0.0.1:9", transport.clone());
    shown.value(&builder);
    let weiting = builder.build()?;
    shown.value(&weiting);
    shown.value(weiting.tokens());
    shown.value(&weifen::weiting::token::TokenManager::builder());
    let builder = calls::fensi("http://127.0.0.1:9", transport);
    shown.value(&builder);
    shown.value(&builder.build()?);
    let path = std::path::PathBuf::from("token.json");
    shown.error(&FileFault::Damaged { path, line: 1, column: 1 });
    block_on(redis(shown))
}

/// Shows the faults of a server that is no Redis, and of one with another password.
async fn redis(shown: &mut Shown) -> Result<()> {
    let vendor = Vendor::start(Manner::NotHttp, true)?;
    let address = vendor.url().replace("http://", "");
    let store = RedisStore::new(&format!("redis://:{}@{address}", Secret::RedisPassword.value()))?;
    let base_url = BaseUrl::new("https://h.example", Plaintext::Refused)?;
    let key = TokenKey::new("an-appid", &base_url, &secret(Secret::WeitingSecret));
    let Err(error) = store.load(&key, SystemTime::now()).await else { anyhow::bail!("it is a Redis") };
    shown.error(&error);
    let fault = error.source().and_then(|source| source.downcast_ref::<RedisFault>()).context("no fault of Redis")?;
    shown.error(fault);
    Ok(())
}
