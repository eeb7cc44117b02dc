//! Storing bookings of expected pushes.

use sqlx::AssertSqlSafe;
use weifen_database::{Writing, milliseconds};
use weifen_fensi::Booking;
use weifen_proto::InvalidRequest;
use weifen_proto::fensi::Reference;
use weifen_transport::StoreError;

use super::{Store, bookings, json, row};
use crate::KeptBooking;
use crate::identity::{Follow, StateDigest, timed_id};

/// A booking as it is stored.
#[derive(Debug)]
pub(crate) struct BookingRow {
    pub(crate) id: String,
    follow: Follow,
    state: StateDigest,
    booking: Booking,
}

impl TryFrom<&Booking> for BookingRow {
    type Error = InvalidRequest;

    fn try_from(booking: &Booking) -> Result<Self, InvalidRequest> {
        booking.check()?;
        let user = booking.auth_open_id.as_str();
        Ok(Self {
            id: timed_id(),
            follow: Follow::new(&booking.develop_appid, &booking.appid, user),
            state: StateDigest::of(booking.state.as_deref()),
            booking: booking.clone(),
        })
    }
}

impl Store {
    /// Stores bookings durably.
    pub(crate) async fn book(&self, batch: &[BookingRow]) -> Result<Vec<()>, StoreError> {
        let failed = |error| self.pool.failed(error);
        let mut writing = self.pool.write().await.map_err(failed)?;
        insert(&mut writing, batch).await.map_err(failed)?;
        writing.commit().await?;
        Ok(vec![(); batch.len()])
    }

    /// Stores a booking in a transaction of its caller's, and returns it.
    pub(crate) async fn book_in(
        &self,
        writing: &mut Writing<'_>,
        booking: &BookingRow,
    ) -> Result<KeptBooking, sqlx::Error> {
        insert(writing, std::slice::from_ref(booking)).await?;
        let named = bookings::named(writing.dialect(), std::slice::from_ref(&booking.id))?;
        let kept = named.select(&mut writing.connection, writing.now).await?.pop();
        kept.ok_or(sqlx::Error::RowNotFound)
    }
}

async fn insert(writing: &mut Writing<'_>, batch: &[BookingRow]) -> Result<(), sqlx::Error> {
    let rows = batch.iter().map(|BookingRow { id, follow, state, booking }| {
        (
            id,
            follow.hex(),
            &booking.key,
            state.hex(),
            &booking.state,
            writing.now.saturating_add(milliseconds::of(booking.lasts)),
            booking.auth_open_id.as_str(),
            &booking.appid,
            booking.reference.as_ref().map(Reference::as_str),
            row::written_bid(booking.bid),
        )
    });
    let rows = json(&rows.collect::<Vec<_>>())?;
    let dialect = writing.dialect();
    let records = dialect.records(&[
        ("id", "TEXT"),
        ("follow", "TEXT"),
        ("device_key", "TEXT"),
        ("state_digest", "TEXT"),
        ("state", "TEXT"),
        ("ends_at", "BIGINT"),
        ("auth_open_id", "TEXT"),
        ("appid", "TEXT"),
        ("reference", "TEXT"),
        ("bid", "BIGINT"),
    ]);
    let [follow, state] = ["follow", "state_digest"].map(|text| dialect.bytes(text));
    let sql = format!(
        "INSERT INTO bookings \
                 (id, follow, device_key, state_digest, state, booked_at, ends_at, auth_open_id, appid, reference, bid) \
             SELECT id, {follow}, device_key, {state}, state, $2, ends_at, auth_open_id, appid, reference, bid \
             FROM {records}"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(rows).bind(writing.now);
    query.execute(&mut *writing.connection).await.map(drop)
}
