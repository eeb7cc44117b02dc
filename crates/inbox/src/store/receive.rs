//! A batch of pushes: looked up, judged and stored, all of it or nothing.

use std::collections::BTreeMap;
use std::net::IpAddr;

use sqlx::{AnyConnection, AssertSqlSafe};
use weifen_database::{Dialect, Lent, Pool, Writing};
use weifen_fensi::Reference;
use weifen_transport::{StoreError, StoreErrorKind};

use super::attempts::{AttemptMark, Attempts, Writer};
use super::look_up::{Found, Id};
use super::receipt::{Judged, Receipt};
use super::{Store, describe, json, row};
use crate::admission::{self, Admission, admit};
use crate::arrival::Arrival;
use crate::identity::{Follow, Identity, StateDigest};
use crate::unwanted::Excess;
use crate::{EventBooking, HoldReason, IdempotencyKey, Rules, Status};

/// Number of attempts at a batch: another server may store the same follows at the same moment.
const TRIES: usize = 10;

struct New {
    identity: Identity,
    state: StateDigest,
    status: Status,
    reason: Option<HoldReason>,
    /// The push that is stored: of several copies the one that a booking asked for.
    arrival: Arrival,
    booking: Option<EventBooking>,
    duplicates: i64,
}

/// Changes that a batch makes.
#[derive(Default)]
pub(super) struct Changes {
    new: Vec<New>,
    stored: BTreeMap<i64, Change>,
    /// Outcomes of the pushes, in their order; an error where a push would be held beyond a cap.
    pub(super) receipts: Vec<Judged>,
}

/// Changes of an event that was stored before.
#[derive(Default)]
struct Change {
    copies: i64,
    /// The push that confirms it, and the booking that asked for it.
    confirmed_by: Option<(Arrival, EventBooking)>,
}

/// Admits a push to be held, by its bytes and its sender, or returns the cap that it exceeds.
pub(crate) type HasRoom<'a> = dyn Fn(usize, Option<IpAddr>) -> Result<(), Excess> + Sync + 'a;

/// Reason why a batch was not stored.
pub(super) enum Failed {
    /// Another server stored one of the follows first. A retry finds it.
    Overtaken,
    Sql(sqlx::Error),
    Commit(StoreError),
}

/// The error of servers that keep storing the same follows at once.
#[derive(Debug, thiserror::Error)]
#[error("other servers keep storing the same follows")]
struct Contended;

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        let overtaken = error.as_database_error().is_some_and(|error| {
            // PostgreSQL's deadlock and serialization failures, between two servers.
            error.is_unique_violation() || matches!(error.code().as_deref(), Some("40P01" | "40001"))
        });
        if overtaken { Self::Overtaken } else { Self::Sql(error) }
    }
}

impl Store {
    /// Stores pushes; the results are of a committed transaction. It retries while the connection is lost, with
    /// results as if the pushes had been stored once.
    pub(crate) async fn receive(
        &self,
        batch: &[Arrival],
        rules: &Rules,
        has_room: &HasRoom<'_>,
        writer: &Writer,
    ) -> Result<Vec<Judged>, StoreError> {
        let attempts = &Attempts::by(writer);
        let attempt = move || self.try_receive(batch, rules, has_room, attempts);
        self.pool.while_lost(move || self.unless_overtaken(attempt)).await
    }

    /// Retries an attempt while another server is quicker.
    pub(super) async fn unless_overtaken<T, F: Future<Output = Result<T, Failed>>>(
        &self,
        attempt: impl Fn() -> F,
    ) -> Result<T, StoreError> {
        for _ in 0..TRIES {
            match attempt().await {
                Ok(done) => return Ok(done),
                Err(Failed::Overtaken) => {}
                Err(Failed::Sql(error)) => return Err(self.pool.failed(error)),
                Err(Failed::Commit(error)) => return Err(error),
            }
        }
        Err(self.pool.failed_as(StoreErrorKind::Unavailable, Contended))
    }

    async fn try_receive(
        &self,
        batch: &[Arrival],
        rules: &Rules,
        has_room: &HasRoom<'_>,
        attempts: &Attempts<'_>,
    ) -> Result<Vec<Judged>, Failed> {
        let (mut connection, found) = self.look_up(&follows(batch)).await?;
        let now = found.now;
        let changes = Changes::of(batch, found, rules, has_room);
        // Not for SQLite: a file has no connection to lose.
        let mark = (self.pool.dialect() == Dialect::Postgres).then(|| attempts.begin(&changes.receipts));
        if changes.stored.is_empty() {
            if !changes.insert(&self.pool, &mut connection, now, mark.as_ref()).await? {
                return Ok(attempts.committed(&mut connection).await?);
            }
        } else {
            // Returned first: it may be the only connection that writes.
            drop(connection);
            let mut writing = self.pool.write().await?;
            if let Some(mark) = &mark
                && !mark.leave(&mut writing.connection, writing.now).await?
            {
                return Ok(attempts.committed(&mut writing.connection).await?);
            }
            changes.write(&mut writing).await?;
            writing.commit().await.map_err(Failed::Commit)?;
        }
        Ok(changes.receipts)
    }
}

/// The follows of a batch, each once.
pub(super) fn follows(batch: &[Arrival]) -> Vec<Follow> {
    let mut follows: Vec<_> = batch.iter().map(|arrival| arrival.identity.follow).collect();
    follows.sort_unstable();
    follows.dedup();
    follows
}

impl Changes {
    /// Judges a batch by the result of its lookup.
    pub(super) fn of(batch: &[Arrival], mut found: Found, rules: &Rules, has_room: &HasRoom<'_>) -> Self {
        let mut changes = Self::default();
        for arrival in batch {
            let follow = arrival.identity.follow;
            let known = found.known.entry(follow).or_default();
            let booked = found.booked.get(&follow).map(Vec::as_slice).unwrap_or_default();
            let verdict = admit(arrival, known, booked, rules, found.now);
            let receipt = match verdict {
                Admission::Hold(_) => has_room(arrival.raw.len(), arrival.sender),
                _ => Ok(()),
            };
            let receipt = receipt.map(|()| changes.judge(arrival, known, verdict));
            changes.receipts.push(receipt);
        }
        // In one order everywhere: two servers wait for each other instead of deadlocking.
        changes.new.sort_by_key(|new| new.identity);
        changes
    }

    fn judge(
        &mut self,
        arrival: &Arrival,
        known: &mut Vec<admission::Known<Id>>,
        verdict: Admission<'_, Id>,
    ) -> Receipt {
        match verdict {
            Admission::Deliver(booking) => {
                self.add(arrival, known, None, booking);
                Receipt::Stored
            }
            Admission::Hold(reason) => {
                self.add(arrival, known, Some(reason), None);
                Receipt::Held(reason)
            }
            Admission::Drop => Receipt::Dropped,
            Admission::Duplicate(of) => {
                match of {
                    Id::Stored(id) => self.stored.entry(id).or_default().copies += 1,
                    Id::New(place) => self.new[place].duplicates += 1,
                }
                Receipt::Duplicate
            }
            Admission::Confirm(of, booking) => {
                let (arrival, booking) = (arrival.clone(), booking.clone());
                match of {
                    Id::Stored(id) => self.stored.entry(id).or_default().confirmed_by = Some((arrival, booking)),
                    Id::New(place) => {
                        let new = &mut self.new[place];
                        (new.status, new.arrival, new.booking) = (Status::Pending, arrival, Some(booking));
                    }
                }
                known.iter_mut().filter(|known| known.id == of).for_each(|known| known.held = false);
                Receipt::Stored
            }
        }
    }

    fn add(
        &mut self,
        arrival: &Arrival,
        known: &mut Vec<admission::Known<Id>>,
        reason: Option<HoldReason>,
        booking: Option<&EventBooking>,
    ) {
        let held = reason.is_some();
        known.push(admission::Known {
            id: Id::New(self.new.len()),
            slot: arrival.identity.slot,
            state: arrival.state,
            held,
        });
        self.new.push(New {
            identity: arrival.identity,
            state: arrival.state,
            status: if held { Status::Held } else { Status::Pending },
            reason,
            arrival: arrival.clone(),
            booking: booking.cloned(),
            duplicates: 0,
        });
    }

    /// Writes a batch of new events alone: a single statement is its own transaction, in one round trip. False where
    /// an attempt before this one was committed.
    async fn insert(
        &self,
        pool: &Pool,
        connection: &mut Lent,
        now: i64,
        mark: Option<&AttemptMark<'_>>,
    ) -> Result<bool, Failed> {
        connection.is_sound = false;
        let inserted = insert(connection, pool.dialect(), &self.new, now, mark).await;
        if inserted.is_ok() {
            pool.committed(connection).await.map_err(Failed::Sql)?;
        }
        connection.is_sound = matches!(inserted, Ok(_) | Err(Failed::Overtaken));
        inserted
    }

    pub(super) async fn write(&self, writing: &mut Writing<'_>) -> Result<(), Failed> {
        let dialect = writing.dialect();
        insert(&mut writing.connection, dialect, &self.new, writing.now, None).await?;
        for (id, change) in &self.stored {
            if change.copies > 0 {
                let sql = "UPDATE events SET duplicates = duplicates + $1, duplicated_at = $2 WHERE id = $3";
                let query = sqlx::query(sql).bind(change.copies).bind(writing.now).bind(id);
                query.execute(&mut *writing.connection).await?;
            }
            if let Some((by, booking)) = &change.confirmed_by {
                let sql = "UPDATE events SET status = 'pending', due_at = $1, waits_since = $1, received_at = $2, \
                               raw = $3, auth_open_id = $4, appid = $5, device_key = $6, reference = $7, booking = $8 \
                           WHERE id = $9 AND status = 'held'";
                let query = sqlx::query(sql).bind(writing.now).bind(by.came_at.unwrap_or(writing.now));
                let query = query.bind(by.raw.to_vec()).bind(&by.auth_open_id).bind(&by.appid).bind(&by.key);
                let query = query.bind(booking.reference.as_ref().map(Reference::as_str));
                let query = query.bind(row::written_booking(Some(booking))?).bind(id);
                if query.execute(&mut *writing.connection).await?.rows_affected() == 0 {
                    return Err(Failed::Overtaken);
                }
            }
        }
        Ok(())
    }
}

/// Inserts new events, all or none, and writes the mark; false where an attempt before this one was committed.
async fn insert(
    connection: &mut AnyConnection,
    dialect: Dialect,
    events: &[New],
    now: i64,
    mark: Option<&AttemptMark<'_>>,
) -> Result<bool, Failed> {
    if events.is_empty() {
        return Ok(true);
    }
    // Bytes are no JSON: those of all events are one value, which each event names its part of, from 1.
    let (mut bytes, mut rows) = (Vec::new(), Vec::with_capacity(events.len()));
    for New { identity, state, status, reason, arrival, booking, duplicates } in events {
        let (booking, at) = (booking.as_ref(), bytes.len() + 1);
        let [slot, state] = [identity.slot.bytes(), state.bytes()];
        for part in [identity.follow.bytes(), slot, state, &arrival.raw] {
            bytes.extend_from_slice(part);
        }
        rows.push((
            at,
            slot.len(),
            state.len(),
            arrival.raw.len(),
            status.as_str(),
            reason.map(HoldReason::as_str),
            arrival.came_at.unwrap_or(now),
            (*status == Status::Pending).then_some(now),
            row::written_booking(booking)?,
            duplicates,
            IdempotencyKey::of(identity),
            &arrival.auth_open_id,
            &arrival.appid,
            &arrival.key,
            booking.and_then(|booking| booking.reference.as_ref()).map(Reference::as_str),
        ));
    }
    let own = [
        ("at", "INTEGER"),
        ("slot_length", "INTEGER"),
        ("state_length", "INTEGER"),
        ("raw_length", "INTEGER"),
        ("status", "TEXT"),
        ("reason", "TEXT"),
        ("received_at", "BIGINT"),
        ("due_at", "BIGINT"),
        ("booking", "TEXT"),
        ("duplicates", "BIGINT"),
    ];
    let records = dialect.records(&[&own[..], &describe::COLUMNS].concat());
    let described = describe::COLUMNS.map(|(name, _)| name).join(", ");
    let follow = Follow::LENGTH;
    let mut sql = format!(
        "INSERT INTO events (follow, slot, state_digest, raw, status, reason, received_at, due_at, waits_since, \
             booking, duplicates, {described}) \
         SELECT substr($2, at, {follow}), substr($2, at + {follow}, slot_length), \
             substr($2, at + {follow} + slot_length, state_length), \
             substr($2, at + {follow} + slot_length + state_length, raw_length), \
             status, reason, received_at, due_at, due_at, booking, duplicates, {described} FROM {records}"
    );
    if mark.is_some() {
        sql = format!("WITH mark AS ({}) {sql} WHERE EXISTS (SELECT 1 FROM mark)", AttemptMark::statement(3));
    }
    let query = sqlx::query(AssertSqlSafe(sql)).bind(json(&rows)?).bind(bytes);
    let query = if let Some(mark) = mark { mark.bind(query, now) } else { query };
    Ok(query.execute(connection).await?.rows_affected() > 0)
}
