//! What events are asked for by, of those that an older version stored without it: read from their rows when it is
//! first needed.

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use weifen_transport::StoreError;

use super::purge::TOGETHER;
use super::{Store, column, json, row};
use crate::IdempotencyKey;

/// The columns of an event by which it is asked for, beside its number, status and times.
pub(super) const COLUMNS: [(&str, &str); 5] = [
    ("webhook_id", "TEXT"),
    ("auth_open_id", "TEXT"),
    ("appid", "TEXT"),
    ("device_key", "TEXT"),
    ("reference", "TEXT"),
];

/// An event's number, and its values of [`COLUMNS`].
type Described = (i64, String, Option<String>, Option<String>, Option<String>, Option<String>);

impl Store {
    /// Fills the columns of each event that lacks them. Where there is none, it costs a look at an empty index.
    pub(super) async fn describe_older(&self) -> Result<(), StoreError> {
        let failed = |error| self.pool.failed(error);
        let select = format!(
            "SELECT id, follow, slot, raw, booking FROM events WHERE webhook_id IS NULL AND id > $1 \
             ORDER BY id LIMIT {TOGETHER}"
        );
        let set = COLUMNS.map(|(name, _)| format!("{name} = record.{name}")).join(", ");
        let columns = [&[("id", "BIGINT")], &COLUMNS[..]].concat();
        let update = format!(
            "UPDATE events SET {set} FROM {} WHERE events.id = record.id AND events.webhook_id IS NULL",
            self.pool.dialect().records(&columns)
        );
        let mut after = 0;
        loop {
            let (mut connection, _) = self.pool.read().await.map_err(failed)?;
            let query = sqlx::query(AssertSqlSafe(select.as_str())).bind(after);
            let rows = query.fetch_all(&mut *connection).await.map_err(failed)?;
            drop(connection);
            let described: Vec<_> = rows.iter().map(described).collect::<Result<_, _>>().map_err(failed)?;
            let Some((last, ..)) = described.last() else { return Ok(()) };
            after = *last;
            let mut writing = self.write_among_others().await.map_err(failed)?;
            let query = sqlx::query(AssertSqlSafe(update.as_str())).bind(json(&described).map_err(failed)?);
            query.execute(&mut *writing.connection).await.map_err(failed)?;
            writing.commit().await?;
        }
    }
}

/// A push that can't be read, or was purged, tells nothing.
fn described(stored: &AnyRow) -> Result<Described, sqlx::Error> {
    let push = row::push(stored).ok().flatten();
    let booking = row::booking(stored).ok().and_then(|(_, booking)| booking);
    let reference = booking.and_then(|booking| booking.reference);
    Ok((
        column(stored, "id")?,
        IdempotencyKey::of(&row::identity(stored)?).to_string(),
        push.as_ref().map(|push| push.auth_open_id.as_str().to_owned()),
        push.as_ref().map(|push| push.appid.clone()),
        push.map(|push| push.key),
        reference.map(|reference| reference.as_str().to_owned()),
    ))
}
