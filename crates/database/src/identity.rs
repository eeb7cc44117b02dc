//! The identity of a database, which its copies share.

use sqlx::AnyConnection;

/// Time and duration of the making of a database's tables. Two databases differ in it, copies don't.
///
/// Just after the tables are made, the duration is not known yet.
const IDENTITY: &str = "SELECT installed_on || ' ' || execution_time AS identity FROM _sqlx_migrations \
                     WHERE execution_time >= 0 ORDER BY version LIMIT 1";

/// The identity of a database; `None` where it has no tables of ours.
pub async fn identity(connection: &mut AnyConnection) -> Result<Option<String>, sqlx::Error> {
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'";
    if sqlx::query_scalar::<_, i64>(tables).fetch_one(&mut *connection).await? == 0 {
        return Ok(None);
    }
    sqlx::query_scalar(IDENTITY).fetch_optional(connection).await
}

/// The identity, if the database passes an integrity check; else `None`.
pub(super) async fn sound_identity(connection: &mut AnyConnection) -> Result<Option<Option<String>>, sqlx::Error> {
    let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut *connection).await?;
    if found == "ok" { Ok(Some(identity(connection).await?)) } else { Ok(None) }
}
