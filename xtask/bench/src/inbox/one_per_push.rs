//! A receiver that makes one transaction per push, with the same checks and the same row.

use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use sha2::{Digest, Sha256};
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Executor, Row};
use weifen_inbox::Push;

use super::receiver::answer;

/// Number of PostgreSQL connections, which commit in parallel; SQLite has one writer.
const CONNECTIONS: u32 = 32;

#[derive(Clone)]
pub(super) struct OnePerPush {
    pool: AnyPool,
    begin: &'static str,
}

impl OnePerPush {
    pub(super) async fn open(database: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let is_sqlite = database.starts_with("sqlite:");
        let (connections, begin) = if is_sqlite { (1, "BEGIN IMMEDIATE") } else { (CONNECTIONS, "BEGIN") };
        let pool = AnyPoolOptions::new().max_connections(connections).after_connect(move |connection, _| {
            Box::pin(async move {
                if is_sqlite {
                    // The booking inbox beside it runs the checkpoints, and does not take another's for its own.
                    connection.execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0").await?;
                }
                Ok(())
            })
        });
        Ok(Self { pool: pool.connect(database).await?, begin })
    }

    pub(super) fn router(self) -> Router {
        let receive =
            async |State(store): State<Arc<Self>>, Path(_): Path<String>, body: Bytes| match store.store(&body).await {
                Ok(()) => answer(&body).into_response(),
                Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
            };
        Router::new().route("/push/{secret}", post(receive)).with_state(Arc::new(self))
    }

    async fn store(&self, body: &Bytes) -> Result<()> {
        let push = Push::parse(body)?;
        let follow = Sha256::new()
            .chain_update(&push.develop_appid)
            .chain_update(&push.appid)
            .chain_update(push.auth_open_id.as_str())
            .finalize()
            .to_vec();
        let mut connection = self.pool.acquire().await?;
        connection.execute(self.begin).await?;
        let known = sqlx::query("SELECT id FROM events WHERE follow = $1").bind(follow.clone());
        known.fetch_optional(&mut *connection).await?;
        let booked = sqlx::query("SELECT ends_at FROM bookings WHERE follow = $1").bind(follow.clone());
        let ends_at: Option<i64> = match booked.fetch_optional(&mut *connection).await? {
            Some(row) => Some(row.try_get(0)?),
            None => None,
        };
        let insert = "INSERT INTO events (follow, slot, state_digest, status, received_at, due_at, raw) \
                      VALUES ($1, $2, $2, 'pending', $3, $3, $4) ON CONFLICT (follow, slot) DO NOTHING";
        let query = sqlx::query(insert).bind(follow).bind(Vec::new()).bind(ends_at.unwrap_or_default());
        query.bind(body.to_vec()).execute(&mut *connection).await?;
        connection.execute("COMMIT").await?;
        Ok(())
    }
}
