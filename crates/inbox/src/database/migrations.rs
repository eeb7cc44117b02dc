//! The steps from a database without tables to today's. Each is applied once, in a transaction of its own.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AssertSqlSafe, Executor, SqlSafeStr};

use super::Dialect;

/// Numbered steps: number, name, SQL as PostgreSQL speaks it. They are only ever added to: what stands there has been
/// applied somewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migrations(pub(crate) &'static [(i64, &'static str, &'static str)]);

impl Migrations {
    /// The version that all steps lead to.
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
