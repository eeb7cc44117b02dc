//! Erasing keys and answers. Digest, fingerprint and outcome stay, so that nothing is sent twice after it.

use std::time::Duration;

use sqlx::AssertSqlSafe;
use weifen_database::{Pool, milliseconds};
use weifen_transport::StoreError;

/// Number of rows that one transaction changes, so that others need not wait long for it.
const TOGETHER: u64 = 1000;

/// Time for which it is known that a call was made: then its row is deleted.
const KNOWN: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// A call that is not under way.
const ENDED: &str = "outcome <> 'begun' OR deadline <= $2";

/// Erases keys and answers that are kept no longer; returns their number. A person has to look at an unknown call: its
/// key stays.
pub(crate) async fn expired(pool: &Pool) -> Result<u64, StoreError> {
    erase(pool, "kept_until <= $2 AND outcome NOT IN ('begun', 'unknown')", Duration::ZERO).await
}

/// Erases keys and answers of calls that ended longer ago than `age`, and deletes the rows of old ones; returns the
/// number of the first.
pub(crate) async fn older(pool: &Pool, age: Duration) -> Result<u64, StoreError> {
    let erased = erase(pool, "COALESCE(ended_at, deadline) <= $1", age).await?;
    let old = "DELETE FROM calls WHERE number IN (\
        SELECT number FROM calls WHERE COALESCE(ended_at, deadline) <= $1";
    in_batches(pool, old, KNOWN).await?;
    Ok(erased)
}

async fn erase(pool: &Pool, condition: &str, age: Duration) -> Result<u64, StoreError> {
    let sql = format!(
        "UPDATE calls SET idempotency_key = NULL, status = NULL, answer = NULL, \
             kept_until = CASE WHEN kept_until < $2 THEN kept_until ELSE $2 END \
         WHERE number IN (SELECT number FROM calls WHERE idempotency_key IS NOT NULL AND ({condition}) AND ({ENDED})"
    );
    in_batches(pool, &sql, age).await
}

/// Runs a statement that ends in a selection of rows: `$1` is the time so long ago, `$2` now.
async fn in_batches(pool: &Pool, sql: &str, ago: Duration) -> Result<u64, StoreError> {
    let failed = |error| pool.failed(error);
    let sql = format!("{sql} AND $1 <= $2 ORDER BY number LIMIT {TOGETHER} {})", pool.dialect().skip_locked());
    let mut changed = 0;
    loop {
        let mut writing = pool.write().await.map_err(failed)?;
        let until = writing.now.saturating_sub(milliseconds::of(ago));
        let query = sqlx::query(AssertSqlSafe(sql.as_str())).bind(until).bind(writing.now);
        let rows = query.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();
        writing.commit().await?;
        changed += rows;
        if rows < TOGETHER {
            return Ok(changed);
        }
    }
}
