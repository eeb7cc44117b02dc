//! The tables, from the first version to this one. Each step is applied once, in a transaction of its own.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AssertSqlSafe, Executor, SqlSafeStr};

use crate::dialect::Dialect;

/// Steps are only ever added: what stands here has been applied somewhere.
const STEPS: [(i64, &str, &str); 4] = [
    (1, "events", include_str!("../../migrations/0001_events.sql")),
    (2, "bookings", include_str!("../../migrations/0002_bookings.sql")),
    (3, "quarantine content type", include_str!("../../migrations/0003_quarantine_content_type.sql")),
    (4, "deliveries", include_str!("../../migrations/0004_deliveries.sql")),
];

/// The version that all steps lead to.
pub(super) const LATEST: i64 = STEPS[STEPS.len() - 1].0;

pub(super) async fn bring_up_to_date(connection: &mut AnyConnection, dialect: Dialect) -> Result<(), MigrateError> {
    let steps = STEPS.into_iter().map(|(version, name, sql)| {
        let sql = AssertSqlSafe(dialect.schema(sql)).into_sql_str();
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql, false)
    });
    if dialect == Dialect::Postgres {
        connection.execute("SET statement_timeout = 0").await?;
    }
    Migrator::with_migrations(steps.collect()).run_direct(None, connection, false).await
}
