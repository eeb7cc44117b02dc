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

    /// Creates all tables.
    pub(super) fn create_tables(&self) -> Result<()> {
        runtime()?.block_on(async {
            for database in self.stores.iter().flat_map(|store| [&store.fresh, &store.single, &store.grown]) {
                let database = match database.strip_prefix("sqlite:") {
                    Some(path) => Database::sqlite(PathBuf::from(path)),
                    None => Database::postgres(database),
                };
                Inbox::open(&database).await?.close().await;
            }
            Ok(())
        })
    }

    /// Adds the events from `first` on to the grown tables, up to `end` of them in all.
    pub(super) fn grow(&self, first: u64, end: u64) -> Result<()> {
        runtime()?.block_on(async {
            for store in &self.stores {
                fill(&store.grown, first, end).await.with_context(|| store.names.grown)?;
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

/// The indexes whose order is not that of the fill: they are made anew after it.
const UNSORTED: [&str; 2] = ["events_webhook_id", "events_auth_open_id"];

/// Adds delivered events of follows that are never pushed, in the order of their digests, which is fast.
async fn fill(database: &str, first: u64, end: u64) -> Result<()> {
    let mut connection = AnyConnection::connect(database).await?;
    let raw = push::body(0);
    let (numbers, follow, name, user, nothing, body) = if database.starts_with("sqlite:") {
        let numbers = format!(
            "(WITH RECURSIVE numbers (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {end}) \
             SELECT n FROM numbers)"
        );
        let (name, user) = ("lower(hex(randomblob(16)))", "lower(hex(randomblob(10)))");
        (numbers, "randomblob(32)", name, user, "x''", format!("CAST('{raw}' AS BLOB)"))
    } else {
        let numbers = format!("generate_series({first}, {end} - 1) AS numbers (n)");
        let (name, user) = ("md5(n::text)", "substr(md5('user' || n), 1, 20)");
        (numbers, "sha256(n::text::bytea)", name, user, "''", format!("'{raw}'::bytea"))
    };
    let definition = if database.starts_with("sqlite:") {
        "SELECT sql FROM sqlite_schema WHERE name = $1"
    } else {
        "SELECT indexdef FROM pg_indexes WHERE indexname = $1"
    };
    let mut definitions = Vec::new();
    for index in UNSORTED {
        let definition: String = sqlx::query_scalar(definition).bind(index).fetch_one(&mut connection).await?;
        definitions.push(definition);
        connection.execute(AssertSqlSafe(format!("DROP INDEX {index}"))).await?;
    }
    let sql = format!(
        "INSERT INTO events (follow, slot, state_digest, status, received_at, settled_at, attempts, raw, booking, \
             webhook_id, auth_open_id, appid, device_key) \
         SELECT follow, {nothing}, {nothing}, 'delivered', 1600000000000, 1600000000000, 1, {body}, 'null', \
             'evt_' || name, 'oQx1Wv' || username, '{}', '{}' \
         FROM (SELECT {follow} AS follow, {name} AS name, {user} AS username FROM {numbers}) AS follows ORDER BY follow",
        push::ACCOUNT,
        push::KEY
    );
    connection.execute(AssertSqlSafe(sql)).await?;
    for definition in definitions {
        connection.execute(AssertSqlSafe(definition)).await?;
    }
    if database.starts_with("postgres:") {
        connection.execute("VACUUM (ANALYZE) events").await?;
    }
    connection.close().await?;
    Ok(())
}
