//! Migrations from a database without tables to today's version. Each is applied once, in its own transaction.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AssertSqlSafe, Executor, SqlSafeStr};

use super::Dialect;

/// Migrations: number, name, SQL for PostgreSQL. They are append-only: those that stand here were applied somewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migrations(pub(crate) &'static [(i64, &'static str, &'static str)]);

impl Migrations {
    /// The version after all migrations.
    pub(crate) fn latest(self) -> i64 {
        self.0.last().map_or(0, |(version, ..)| *version)
    }

    pub(super) async fn apply(self, connection: &mut AnyConnection, dialect: Dialect) -> Result<(), MigrateError> {
        let steps = self.0.iter().map(|(version, name, sql)| {
            let sql = AssertSqlSafe(dialect.schema(sql)).into_sql_str();
            Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, sql, false)
        });
        if dialect == Dialect::Postgres {
            connection.execute("SET statement_timeout = 0").await?;
        }
        Migrator::with_migrations(steps.collect()).run_direct(None, connection, false).await
    }
}
