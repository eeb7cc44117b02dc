//! Token stores and databases that are away, damaged, or none.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::task::JoinSet;
use weifen::inbox::{Database, Inbox};
use weifen::transport::{ReqwestTransport, Transport};
use weifen::weiting::token::{FileStore, RedisStore, TokenStore};

use super::{NOWHERE, add};
use crate::calls;
use crate::canary::Secret;
use crate::capture::{Capture, debugged};
use crate::vendor::{Manner, Vendor};

pub(super) async fn gather(capture: &mut Capture) -> Result<()> {
    let transport: Arc<dyn Transport> = Arc::new(ReqwestTransport::new()?);
    let vendor = Vendor::start(Manner::NotHttp, true)?;
    let address = vendor.url().replace("http://", "");
    let (redis, postgres) = (Secret::RedisPassword.value(), Secret::DatabasePassword.value());
    let mut stores: Vec<(String, Arc<dyn TokenStore>)> = Vec::new();
    for url in [
        format!("redis://:{redis}@{NOWHERE}/0"),
        format!("redis://{redis}:{redis}@{address}"),
        format!("rediss://:{redis}@{address}"),
        format!("redis://:{redis}@{NOWHERE}/{redis}"),
        format!("redis://:{redis}@"),
        format!("redis://h:{redis}"),
        redis.clone(),
    ] {
        match RedisStore::new(&url) {
            Ok(store) => stores.push(("Redis".to_owned(), Arc::new(store))),
            Err(error) => add(capture, "a Redis URL", &error),
        }
    }
    let folder = tempfile::tempdir()?;
    let token = Secret::AccessToken.value();
    for (at, text) in [
        serde_json::json!({"format": 1, "tokens": {"x": {"access_token": token, "generation": token}}}).to_string(),
        serde_json::json!({"format": token}).to_string(),
        serde_json::json!({"format": 99, token.clone(): token}).to_string(),
        format!("{{\"tokens\": \"{}", Secret::AccessToken.parts()[0]),
        token.clone(),
    ]
    .iter()
    .enumerate()
    {
        let path = folder.path().join(format!("token-{at}.json"));
        std::fs::write(&path, text)?;
        stores.push(("a damaged file".to_owned(), Arc::new(FileStore::new(path))));
    }
    for (from, store) in stores {
        capture.add(from.clone(), debugged(&store));
        let weiting = calls::weiting("http://127.0.0.1:9", transport.clone()).token_store(store).build()?;
        let Err(error) = weiting.access_token().await else { anyhow::bail!("{from} works as a store") };
        add(capture, from, &error);
    }
    let mut openings = JoinSet::new();
    for url in [
        format!("postgres://u:{postgres}@{NOWHERE}/d"),
        format!("postgres://u:{postgres}@{address}/d?sslmode=disable"),
        format!("postgres://u:{postgres}@{address}/d?sslmode=require"),
        format!("postgres://u:{postgres}@{NOWHERE}/d?sslmode={postgres}"),
        format!("postgres://u:{postgres}@{NOWHERE}/d?{postgres}={postgres}"),
        format!("postgres://u:{postgres}@h:{postgres}/d"),
        format!("postgres://u:{postgres}@/d?host=/nowhere/{NOWHERE}"),
        postgres.clone(),
    ] {
        let database = Database::postgres(&url);
        capture.add("a PostgreSQL URL", debugged(&database));
        openings.spawn(async move {
            let opening = Inbox::open(&database);
            tokio::time::timeout(Duration::from_secs(9), opening).await
        });
    }
    for opened in openings.join_all().await {
        let Err(error) = opened.context("a database that is none is waited for")? else {
            anyhow::bail!("a database that is none is opened")
        };
        add(capture, "a PostgreSQL URL", &error);
    }
    let path = folder.path().join("inbox.db");
    std::fs::write(&path, token)?;
    let Err(error) = Inbox::open(&Database::sqlite(path)).await else {
        anyhow::bail!("a file that is no database is opened")
    };
    add(capture, "a file that is no database", &error);
    Ok(())
}
