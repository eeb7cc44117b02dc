//! The identity of a database: its copy has the same.

use sqlx::AnyConnection;

/// The time when a database's tables were made, and how long it took: two databases differ in it, a database and its copy
/// don't.
///
/// For a moment after its tables were made, that they were is known and how quickly is not.
const IDENTITY: &str = "SELECT installed_on || ' ' || execution_time AS identity FROM _sqlx_migrations \
                     WHERE execution_time >= 0 ORDER BY version LIMIT 1";

/// The identity of a database; `None` where it has no tables of ours.
pub(crate) async fn identity(connection: &mut AnyConnection) -> Result<Option<String>, sqlx::Error> {
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'";
    if sqlx::query_scalar::<_, i64>(tables).fetch_one(&mut *connection).await? == 0 {
        return Ok(None);
    }
    sqlx::query_scalar(IDENTITY).fetch_optional(connection).await
}

/// The same, if the database is sound; else `None`.
pub(super) async fn sound_identity(connection: &mut AnyConnection) -> Result<Option<Option<String>>, sqlx::Error> {
    let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut *connection).await?;
    if found == "ok" { Ok(Some(identity(connection).await?)) } else { Ok(None) }
}
