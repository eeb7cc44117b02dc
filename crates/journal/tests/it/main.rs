//! The journal in both databases.

mod calls;

use std::sync::Arc;
use std::time::Duration;

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;
use weifen_database::{Database, Pool};
use weifen_journal::{Answer, Begun, CallKey, Fingerprint, Journal, NewCall, Sending, Times};
use weifen_transport::SystemClock;
use xtask_services::Postgres;

/// Longer than any test takes.
pub(crate) const LONG: Times = Times { sendable: Duration::from_secs(600), kept: Duration::from_secs(600) };

/// A database of either kind, and what keeps it there.
#[derive(Debug)]
pub(crate) struct Site {
    database: Database,
    _folder: Option<TempDir>,
}

impl Site {
    pub(crate) fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { database: Database::sqlite(folder.path().join("inbox.db")), _folder: Some(folder) }
    }

    /// A new database of this server's.
    pub(crate) async fn on_postgres(server: &Postgres, name: &str) -> Self {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&server.url()).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        let url = format!("{}/{name}", server.url().rsplit_once('/').unwrap().0);
        Self { database: Database::postgres(url), _folder: None }
    }

    /// The journal of a server that has just started.
    pub(crate) async fn journal(&self, times: Times) -> Journal {
        Journal::open(self.pool().await, times).await.unwrap()
    }

    pub(crate) async fn pool(&self) -> Arc<Pool> {
        Arc::new(Pool::open(&self.database, Arc::new(SystemClock)).await.unwrap())
    }
}

pub(crate) fn key(name: &str) -> CallKey {
    CallKey::new("shop", name).unwrap()
}

/// A call under this key, for this body.
pub(crate) fn call(name: &str, body: &str) -> NewCall {
    let fields = serde_json::json!({ "body": body });
    let fingerprint = Fingerprint::new(&key(name), "POST", "/v1/orders", &fields);
    NewCall { key: key(name), operation: "order", fingerprint }
}

pub(crate) async fn sent(journal: &Journal, name: &str) -> Sending {
    match journal.begin(call(name, "1")).await.unwrap() {
        Begun::Send(sending) => sending,
        other => panic!("{name} is not to be sent: {other:?}"),
    }
}

pub(crate) fn answer(body: &str) -> Answer {
    Answer { status: 200, body: format!("{{\"of\":\"{body}\"}}") }
}
