//! Migrations from a database without tables to today's version. Each is applied once, in its own transaction.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AssertSqlSafe, Executor, SqlSafeStr};

use super::Dialect;

/// Number, name, SQL for PostgreSQL. They are append-only: those that stand here were applied somewhere.
const ALL: &[(i64, &str, &str)] = &[
    (1, "events", include_str!("../migrations/0001_events.sql")),
    (2, "bookings", include_str!("../migrations/0002_bookings.sql")),
    (3, "quarantine content type", include_str!("../migrations/0003_quarantine_content_type.sql")),
    (4, "deliveries", include_str!("../migrations/0004_deliveries.sql")),
    (5, "arrivals", include_str!("../migrations/0005_arrivals.sql")),
    (6, "references", include_str!("../migrations/0006_references.sql")),
    (7, "calls", include_str!("../migrations/0007_calls.sql")),
    (8, "pulls", include_str!("../migrations/0008_pulls.sql")),
    (9, "event filters", include_str!("../migrations/0009_event_filters.sql")),
    (10, "event groups", include_str!("../migrations/0010_event_groups.sql")),
];

/// Returns the version of the tables after all migrations.
pub fn latest_version() -> i64 {
    ALL.last().map_or(0, |(version, ..)| *version)
}

/// Version of the tables of a database that lacks some migration, but not all.
pub(super) async fn older_version(connection: &mut AnyConnection) -> Option<i64> {
    let version = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(connection).await;
    version.ok().flatten().filter(|version| *version < latest_version())
}

pub(super) async fn apply(connection: &mut AnyConnection, dialect: Dialect) -> Result<(), MigrateError> {
    let steps = ALL.iter().map(|(version, name, sql)| {
        let sql = AssertSqlSafe(dialect.schema(sql)).into_sql_str();
        Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, sql, false)
    });
    if dialect == Dialect::Postgres {
        connection.execute("SET statement_timeout = 0").await?;
    }
    Migrator::with_migrations(steps.collect()).run_direct(None, connection, false).await
}
