//! Looks up the events and bookings of a batch's follows before it is judged.

use std::collections::HashMap;

use serde::Deserialize;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use weifen_database::{Lent, Writing, milliseconds};

use super::row::{alien, bid, digest_of, reference};
use super::{Store, column, json};
use crate::admission::{Booked, Known};
use crate::identity::Follow;
use crate::{EventBooking, Status};

/// Id of an event that a push may be a copy of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Id {
    Stored(i64),
    /// A new event of this batch: its index among the new ones.
    New(usize),
}

/// Events and bookings of follows.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) known: HashMap<Follow, Vec<Known<Id>>>,
    pub(super) booked: HashMap<Follow, Vec<Booked>>,
    /// Time of the lookup, in milliseconds since 1970.
    pub(super) now: i64,
}

#[derive(Deserialize)]
struct KnownRow {
    follow: String,
    id: i64,
    slot: String,
    state_digest: String,
    status: String,
}

#[derive(Deserialize)]
struct BookedRow {
    follow: String,
    device_key: String,
    state_digest: String,
    ends_at: i64,
    number: i64,
    id: String,
    reference: Option<String>,
    bid: Option<i64>,
    booked_at: i64,
}

impl Store {
    /// Looks up these follows; returns the connection too.
    pub(super) async fn look_up(&self, follows: &[Follow]) -> Result<(Lent, Found), sqlx::Error> {
        let (sql, follows) = (self.question(), parameter(follows)?);
        let question = || sqlx::query(AssertSqlSafe(sql.clone())).bind(follows.clone());
        let (connection, rows) = self.pool.ask(question).await?;
        Ok((connection, self.found(&rows)?))
    }

    /// Looks up these follows within a transaction.
    pub(super) async fn look_up_within(
        &self,
        writing: &mut Writing<'_>,
        follows: &[Follow],
    ) -> Result<Found, sqlx::Error> {
        let query = sqlx::query(AssertSqlSafe(self.question())).bind(parameter(follows)?);
        self.found(&query.fetch_all(&mut *writing.connection).await?)
    }

    fn question(&self) -> String {
        let dialect = self.pool.dialect();
        let (now, is_among) = (dialect.now(), dialect.is_among());
        let [follow, slot, state] = ["follow", "slot", "state_digest"].map(|bytes| dialect.hex(bytes));
        let events = dialect.json(&format!("{follow}, id, {slot}, {state}, status"));
        let bookings =
            dialect.json(&format!("{follow}, device_key, {state}, ends_at, number, id, reference, bid, booked_at"));
        format!(
            "SELECT {now} AS now, \
                 (SELECT {events} FROM events WHERE follow {is_among}) AS events, \
                 (SELECT {bookings} FROM bookings WHERE follow {is_among}) AS bookings"
        )
    }

    fn found(&self, rows: &[AnyRow]) -> Result<Found, sqlx::Error> {
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        let mut found = Found { now: self.pool.now(rows)?, ..Found::default() };
        for event in rows_of::<KnownRow>(column(row, "events")?, "events")? {
            found.known.entry(digest_of(&event.follow, "follow")?).or_default().push(Known {
                id: Id::Stored(event.id),
                slot: digest_of(&event.slot, "slot")?,
                state: digest_of(&event.state_digest, "state_digest")?,
                held: event.status == Status::Held.as_str(),
            });
        }
        for booking in rows_of::<BookedRow>(column(row, "bookings")?, "bookings")? {
            found.booked.entry(digest_of(&booking.follow, "follow")?).or_default().push(Booked {
                number: booking.number,
                told: EventBooking {
                    id: booking.id,
                    reference: reference(booking.reference),
                    bid: bid(booking.bid),
                    booked_at: milliseconds::to_time(booking.booked_at),
                },
                key: booking.device_key,
                state: digest_of(&booking.state_digest, "state_digest")?,
                ends_at: booking.ends_at,
            });
        }
        Ok(found)
    }
}

fn parameter(follows: &[Follow]) -> Result<String, sqlx::Error> {
    json(&follows.iter().map(Follow::hex).collect::<Vec<_>>())
}

/// Parses rows that came as one text, each an array of its columns.
pub(super) fn rows_of<'r, R: Deserialize<'r>>(text: &'r str, name: &str) -> Result<Vec<R>, sqlx::Error> {
    serde_json::from_str(text).map_err(|_| alien(name))
}
