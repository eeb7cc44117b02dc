//! The databases of a run, in a temporary folder and in their own PostgreSQL, and their initial content.

use std::path::PathBuf;

use anyhow::{Context, Result};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;
use weifen_inbox::{Database, Inbox};
use xtask_services::Postgres;

use super::push;

/// Databases of a store: an empty one, one for one transaction per push, and a grown one.
pub(super) struct Store {
    pub(super) names: Names,
    pub(super) fresh: String,
    pub(super) single: String,
    pub(super) grown: String,
}

pub(super) struct Names {
    pub(super) weifen: &'static str,
    pub(super) one_per_push: &'static str,
    pub(super) grown: &'static str,
}

const SQLITE: Names =
    Names { weifen: "weifen, SQLite", one_per_push: "SQLite, one transaction a push", grown: "weifen, SQLite, grown" };
const POSTGRES: Names = Names {
    weifen: "weifen, PostgreSQL",
    one_per_push: "PostgreSQL, one transaction a push",
    grown: "weifen, PostgreSQL, grown",
};

/// All databases of a run; dropping the value deletes them.
pub(super) struct Databases {
    stores: Vec<Store>,
    _folder: TempDir,
    _postgres: Option<Postgres>,
}

impl Databases {
    /// Creates the databases in the current folder, so that they are on the disk that the user means.
    pub(super) fn start(with_postgres: bool) -> Result<Self> {
        let folder = TempDir::with_prefix_in("weifen-bench-", ".").context("the current folder can't be written to")?;
        let file = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
        let mut stores =
            vec![Store { names: SQLITE, fresh: file("fresh.db"), single: file("single.db"), grown: file("grown.db") }];
        let postgres = with_postgres.then(Postgres::start);
        if let Some(postgres) = &postgres {
            stores.push(made(postgres)?);
        }
        Ok(Self { stores, _folder: folder, _postgres: postgres })
    }

    pub(super) fn all(&self) -> &[Store] {
        &self.stores
    }

    /// Creates all tables, and fills the grown ones.
    pub(super) fn grow(&self, events: u64) -> Result<()> {
        runtime()?.block_on(async {
            for store in &self.stores {
                for database in [&store.fresh, &store.single, &store.grown] {
                    let database = match database.strip_prefix("sqlite:") {
                        Some(path) => Database::sqlite(PathBuf::from(path)),
                        None => Database::postgres(database),
                    };
                    Inbox::open(&database).await?.close().await;
                }
                fill(&store.grown, events).await.with_context(|| store.names.grown)?;
            }
            Ok(())
        })
    }
}

fn made(postgres: &Postgres) -> Result<Store> {
    let url = |name: &str| {
        let url = postgres.url();
        let server = url.rsplit_once('/').map_or(url.as_str(), |(server, _)| server);
        format!("{server}/{name}")
    };
    runtime()?.block_on(async {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&postgres.url()).await?;
        for name in ["fresh", "single", "grown"] {
            connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
        }
        anyhow::Ok(())
    })?;
    Ok(Store { names: POSTGRES, fresh: url("fresh"), single: url("single"), grown: url("grown") })
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Adds delivered events of follows that are never pushed, in the order of their digests, which is fast.
async fn fill(database: &str, events: u64) -> Result<()> {
    let mut connection = AnyConnection::connect(database).await?;
    let raw = push::body(0);
    let (numbers, follow, nothing, body) = if database.starts_with("sqlite:") {
        let numbers = format!(
            "(WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {events}) \
             SELECT n FROM numbers)"
        );
        (numbers, "randomblob(32)", "x''", format!("CAST('{raw}' AS BLOB)"))
    } else {
        let numbers = format!("generate_series(1, {events}) AS numbers (n)");
        (numbers, "sha256(n::text::bytea)", "''", format!("'{raw}'::bytea"))
    };
    let sql = format!(
        "INSERT INTO events (follow, slot, state_digest, status, received_at, settled_at, attempts, raw) \
         SELECT follow, {nothing}, {nothing}, 'delivered', 1600000000000, 1600000000000, 1, {body} \
         FROM (SELECT {follow} AS follow FROM {numbers}) AS follows ORDER BY follow"
    );
    connection.execute(AssertSqlSafe(sql)).await?;
    if database.starts_with("postgres:") {
        connection.execute("VACUUM (ANALYZE) events").await?;
    }
    connection.close().await?;
    Ok(())
}
