//! Noting which pushes are to be expected.

use std::cmp::Reverse;

use serde::Serialize;
use sqlx::AssertSqlSafe;
use weifen_fensi::Booking;
use weifen_transport::StoreError;

use super::{Store, json};
use crate::database::milliseconds;
use crate::identity::{Follow, StateDigest};

/// A booking as it is kept. Of its state only a digest is.
#[derive(Debug)]
pub(crate) struct BookingRow {
    follow: Follow,
    key: String,
    state: StateDigest,
    lasts: i64,
    auth_open_id: String,
    appid: String,
}

/// A booking that PostgreSQL could not keep. No push could ever meet it: none has such a text.
#[derive(Debug, thiserror::Error)]
#[error("the booking's {0} holds a NUL character")]
pub(crate) struct HoldsNul(&'static str);

impl TryFrom<&Booking> for BookingRow {
    type Error = HoldsNul;

    fn try_from(booking: &Booking) -> Result<Self, HoldsNul> {
        for (name, text) in [("key", &booking.key), ("appid", &booking.appid)] {
            if text.contains('\0') {
                return Err(HoldsNul(name));
            }
        }
        let user = booking.auth_open_id.as_str();
        Ok(Self {
            follow: Follow::new(&booking.develop_appid, &booking.appid, user),
            key: booking.key.clone(),
            state: StateDigest::of(booking.state.as_deref()),
            lasts: milliseconds::of(booking.lasts),
            auth_open_id: user.to_owned(),
            appid: booking.appid.clone(),
        })
    }
}

impl BookingRow {
    fn identity(&self) -> (Follow, &str, StateDigest) {
        (self.follow, &self.key, self.state)
    }

    fn row(&self, now: i64) -> Row<'_> {
        Row {
            follow: self.follow.hex(),
            device_key: &self.key,
            state_digest: self.state.hex(),
            ends_at: now.saturating_add(self.lasts),
            auth_open_id: &self.auth_open_id,
            appid: &self.appid,
        }
    }
}

/// A booking, as a statement takes it: bytes as hexadecimal text.
#[derive(Serialize)]
struct Row<'a> {
    follow: String,
    device_key: &'a str,
    state_digest: String,
    ends_at: i64,
    auth_open_id: &'a str,
    appid: &'a str,
}

impl Store {
    /// Keeps bookings for good. The same one again never ends sooner.
    pub(crate) async fn book(&self, batch: &[BookingRow]) -> Result<Vec<()>, StoreError> {
        let failed = |error| self.pool.failed(error);
        // In one order everywhere, two servers wait for each other instead of deadlocking. Each once, as it ends last.
        let mut bookings: Vec<_> = batch.iter().collect();
        bookings.sort_unstable_by_key(|booking| (booking.identity(), Reverse(booking.lasts)));
        bookings.dedup_by_key(|booking| booking.identity());
        let mut writing = self.pool.write().await.map_err(failed)?;
        let rows: Vec<_> = bookings.iter().map(|booking| booking.row(writing.now)).collect();
        let rows = json(&rows).map_err(failed)?;
        let records = self.pool.dialect().records(&[
            ("follow", "TEXT"),
            ("device_key", "TEXT"),
            ("state_digest", "TEXT"),
            ("ends_at", "BIGINT"),
            ("auth_open_id", "TEXT"),
            ("appid", "TEXT"),
        ]);
        let [follow, state] = ["follow", "state_digest"].map(|text| self.pool.dialect().bytes(text));
        // With a condition, as SQLite would take what follows for one of a join.
        let sql = format!(
            "INSERT INTO bookings (follow, device_key, state_digest, booked_at, ends_at, auth_open_id, appid) \
             SELECT {follow}, device_key, {state}, $2, ends_at, auth_open_id, appid FROM {records} WHERE TRUE \
             ON CONFLICT (follow, device_key, state_digest) DO UPDATE SET ends_at = \
                 CASE WHEN excluded.ends_at > bookings.ends_at THEN excluded.ends_at ELSE bookings.ends_at END"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(rows).bind(writing.now);
        query.execute(&mut *writing.connection).await.map_err(failed)?;
        writing.commit().await?;
        Ok(vec![(); batch.len()])
    }
}
