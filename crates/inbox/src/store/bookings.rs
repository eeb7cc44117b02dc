//! Bookings and their statuses, which are read out of the events of their follows.

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use weifen_database::{Dialect, Lent};
use weifen_transport::StoreError;

use super::look_up::rows_of;
use super::{Store, column, json, row, time};
use crate::kept_booking::Known;
use crate::{KeptBooking, Status};

/// An event of a booking's follow: id, status, booking, time of receipt, and whether the follow would be a copy of it.
type EventOfFollow = (i64, String, Option<String>, i64, i64);

/// A selection of bookings: its condition, the texts in it, and what follows.
pub(super) struct Selection {
    dialect: Dialect,
    condition: String,
    texts: String,
    rest: String,
}

/// The bookings of these names, in no order.
pub(super) fn named(dialect: Dialect, ids: &[String]) -> Result<Selection, sqlx::Error> {
    let condition = format!("id IN ({})", dialect.texts());
    Ok(Selection { dialect, condition, texts: json(&ids)?, rest: String::new() })
}

impl Store {
    /// The bookings of these names, in no order.
    pub(crate) async fn bookings_named(&self, ids: &[String]) -> Result<Vec<KeptBooking>, StoreError> {
        let named = named(self.pool.dialect(), ids).map_err(|error| self.pool.failed(error))?;
        self.select_bookings(named).await
    }

    /// Up to `limit` bookings with numbers below `before`, the newest first, of this reference and this user; an
    /// empty text lets all through.
    pub(crate) async fn bookings(
        &self,
        reference: &str,
        user: &str,
        before: i64,
        limit: u32,
    ) -> Result<Vec<KeptBooking>, StoreError> {
        let dialect = self.pool.dialect();
        let texts = json(&[reference, user]).map_err(|error| self.pool.failed(error))?;
        let [first, second] = [0, 1].map(|at| dialect.text_at(at));
        let condition = format!(
            "number < {before} AND ({first} = '' OR reference = {first}) AND ({second} = '' OR auth_open_id = {second})"
        );
        let rest = format!("ORDER BY number DESC LIMIT {limit}");
        self.select_bookings(Selection { dialect, condition, texts, rest }).await
    }

    async fn select_bookings(&self, selection: Selection) -> Result<Vec<KeptBooking>, StoreError> {
        let failed = |error| self.pool.failed(error);
        let (mut connection, now) = self.pool.read().await.map_err(failed)?;
        selection.select(&mut connection, now).await.map_err(failed)
    }
}

impl Selection {
    pub(super) async fn select(&self, connection: &mut Lent, now: i64) -> Result<Vec<KeptBooking>, sqlx::Error> {
        let events = self.dialect.json(
            "events.id, events.status, events.booking, events.received_at, \
             CASE WHEN bookings.state_digest = $2 OR events.state_digest = bookings.state_digest OR events.slot = $2 \
                 THEN 1 ELSE 0 END",
        );
        let sql = format!(
            "SELECT number, id, device_key, state, booked_at, ends_at, auth_open_id, appid, reference, bid, \
                 (SELECT COUNT(*) FROM bookings AS newer \
                  WHERE newer.follow = bookings.follow AND newer.number > bookings.number) AS newer, \
                 (SELECT {events} FROM events WHERE events.follow = bookings.follow) AS events \
             FROM bookings WHERE {} {}",
            self.condition, self.rest
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(&*self.texts).bind(Vec::new());
        let rows = query.fetch_all(&mut **connection).await?;
        rows.iter().map(|found| booking(found, now)).collect()
    }
}

fn booking(found: &AnyRow, now: i64) -> Result<KeptBooking, sqlx::Error> {
    let id: String = column(found, "id")?;
    let (booked_at, ends_at): (i64, i64) = (column(found, "booked_at")?, column(found, "ends_at")?);
    let mut known =
        Known { is_replaced: column::<i64>(found, "newer")? > 0, is_over: ends_at <= now, ..Known::default() };
    for (event, status, told, received_at, would_be_copy) in
        rows_of::<EventOfFollow>(column(found, "events")?, "events")?
    {
        let is_held = status == Status::Held.as_str();
        let asked_by = row::booking_id(told.as_deref())?;
        let is_released = !is_held && asked_by.is_none() && would_be_copy == 1 && received_at >= booked_at;
        if asked_by.as_ref() == Some(&id) || is_released {
            known.asked_for = Some(event);
        } else if !is_held && would_be_copy == 1 {
            known.paid = Some(event);
        } else if is_held && received_at >= booked_at {
            known.held = Some(event);
        }
    }
    let (status, event_id) = known.status();
    Ok(KeptBooking {
        id,
        number: column(found, "number")?,
        status,
        auth_open_id: column(found, "auth_open_id")?,
        key: column(found, "device_key")?,
        appid: column(found, "appid")?,
        state: column(found, "state")?,
        reference: row::reference(column(found, "reference")?),
        bid: row::bid(column(found, "bid")?),
        booked_at: time(found, "booked_at")?,
        ends_at: time(found, "ends_at")?,
        event_id,
    })
}
