//! A batch of pushes: looked up, judged and stored in one transaction.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use sqlx::AssertSqlSafe;
use weifen_fensi::transport::StoreError;

use super::row::digest;
use super::statement::{padded, placeholders};
use super::{Store, Writing, column};
use crate::admission::{self, Booked, Verdict, admit};
use crate::arrival::Arrival;
use crate::identity::{Follow, Identity, StateDigest};
use crate::{HoldReason, Rules, Status};

/// How often a batch is tried: a server beside this one may store the same follows at the same moment.
const TRIES: usize = 10;

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Receipt {
    /// It is stored and will be delivered.
    Stored,
    /// It is stored and waits for a person.
    Held(HoldReason),
    /// It is a copy of one that was stored before; it was counted there.
    Duplicate,
    /// No booking asked for it, and the rules say to drop such.
    Dropped,
    /// It is none of ours, or none that can be understood, and is stored for a person to look at.
    Quarantined,
}

/// An event that a push may be a copy of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Id {
    Stored(i64),
    /// One that this batch brings: its place among the new ones.
    New(usize),
}

struct New {
    identity: Identity,
    state: StateDigest,
    status: Status,
    reason: Option<HoldReason>,
    raw: Bytes,
    duplicates: i64,
}

/// What a batch changes.
#[derive(Default)]
struct Changes {
    new: Vec<New>,
    stored: BTreeMap<i64, Change>,
    receipts: Vec<Receipt>,
}

/// What it changes of an event that was stored before.
#[derive(Default)]
struct Change {
    copies: i64,
    /// The push that confirms it.
    confirmed_by: Option<Bytes>,
}

/// Why a batch was not stored.
enum Failed {
    /// Another server was quicker with one of the follows: looked up again, it is known, or held no longer.
    Overtaken,
    Sql(sqlx::Error),
    Commit(StoreError),
}

/// The servers of one database store the same follows at once, again and again.
#[derive(Debug, thiserror::Error)]
#[error("other servers are storing the same follows")]
struct Contended;

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        // PostgreSQL's deadlock and serialization failure: two servers stood in each other's way.
        if matches!(code.as_deref(), Some("40P01" | "40001")) { Self::Overtaken } else { Self::Sql(error) }
    }
}

impl Store {
    /// Stores pushes for good: what comes back was committed.
    pub(crate) async fn receive(&self, batch: &[Arrival], rules: &Rules) -> Result<Vec<Receipt>, StoreError> {
        for _ in 0..TRIES {
            match self.try_receive(batch, rules).await {
                Ok(receipts) => return Ok(receipts),
                Err(Failed::Overtaken) => {}
                Err(Failed::Sql(error)) => return Err(self.failed(error)),
                Err(Failed::Commit(error)) => return Err(error),
            }
        }
        Err(self.failed(Contended))
    }

    async fn try_receive(&self, batch: &[Arrival], rules: &Rules) -> Result<Vec<Receipt>, Failed> {
        let mut writing = self.write().await?;
        let mut follows: Vec<_> = batch.iter().map(|arrival| arrival.identity.follow).collect();
        follows.sort_unstable();
        follows.dedup();
        let (mut known, booked) = look_up(&mut writing, &follows).await?;

        let mut changes = Changes::default();
        for arrival in batch {
            let follow = arrival.identity.follow;
            let known = known.entry(follow).or_default();
            changes.judge(arrival, known, booked.get(&follow).map(Vec::as_slice).unwrap_or_default(), rules);
        }
        changes.write(&mut writing).await?;
        writing.commit().await.map_err(Failed::Commit)?;
        Ok(changes.receipts)
    }
}

impl Changes {
    fn judge(&mut self, arrival: &Arrival, known: &mut Vec<admission::Known<Id>>, booked: &[Booked], rules: &Rules) {
        let receipt = match admit(arrival, known, booked, rules) {
            Verdict::Deliver => {
                self.add(arrival, known, Status::Pending, None);
                Receipt::Stored
            }
            Verdict::Hold(reason) => {
                self.add(arrival, known, Status::Held, Some(reason));
                Receipt::Held(reason)
            }
            Verdict::Drop => Receipt::Dropped,
            Verdict::Duplicate(of) => {
                match of {
                    Id::Stored(id) => self.stored.entry(id).or_default().copies += 1,
                    Id::New(place) => self.new[place].duplicates += 1,
                }
                Receipt::Duplicate
            }
            Verdict::Confirm(of) => {
                match of {
                    Id::Stored(id) => self.stored.entry(id).or_default().confirmed_by = Some(arrival.raw.clone()),
                    Id::New(place) => {
                        let new = &mut self.new[place];
                        (new.status, new.raw) = (Status::Pending, arrival.raw.clone());
                    }
                }
                known.iter_mut().filter(|known| known.id == of).for_each(|known| known.held = false);
                Receipt::Stored
            }
        };
        self.receipts.push(receipt);
    }

    fn add(
        &mut self,
        arrival: &Arrival,
        known: &mut Vec<admission::Known<Id>>,
        status: Status,
        reason: Option<HoldReason>,
    ) {
        known.push(admission::Known {
            id: Id::New(self.new.len()),
            slot: arrival.identity.slot,
            state: arrival.state,
            held: status == Status::Held,
        });
        self.new.push(New {
            identity: arrival.identity,
            state: arrival.state,
            status,
            reason,
            raw: arrival.raw.clone(),
            duplicates: 0,
        });
    }

    async fn write(&mut self, writing: &mut Writing<'_>) -> Result<(), Failed> {
        // In one order everywhere, two servers wait for each other instead of deadlocking.
        self.new.sort_by_key(|new| new.identity);
        if !self.new.is_empty() {
            insert(writing, &self.new).await?;
        }
        for (id, change) in &self.stored {
            if change.copies > 0 {
                let sql = "UPDATE events SET duplicates = duplicates + $1, duplicated_at = $2 WHERE id = $3";
                let query = sqlx::query(sql).bind(change.copies).bind(writing.now).bind(id);
                query.execute(&mut *writing.connection).await?;
            }
            if let Some(raw) = &change.confirmed_by {
                let sql = "UPDATE events SET status = 'pending', due_at = $1, received_at = $1, raw = $2 \
                           WHERE id = $3 AND status = 'held'";
                let query = sqlx::query(sql).bind(writing.now).bind(raw.to_vec()).bind(id);
                if query.execute(&mut *writing.connection).await?.rows_affected() == 0 {
                    return Err(Failed::Overtaken);
                }
            }
        }
        Ok(())
    }
}

/// Inserts new events, all of them or none.
async fn insert(writing: &mut Writing<'_>, events: &[New]) -> Result<(), Failed> {
    const COLUMNS: usize = 9;
    let rows = padded(events);
    let sql = format!(
        "INSERT INTO events \
             (follow, slot, state_digest, status, reason, received_at, due_at, duplicates, raw) \
         VALUES {} ON CONFLICT (follow, slot) DO NOTHING",
        placeholders(writing.store.dialect, 1, rows.len(), COLUMNS)
    );
    let now = writing.now;
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for new in rows {
        query = query
            .bind(new.identity.follow.bytes().to_vec())
            .bind(new.identity.slot.bytes().to_vec())
            .bind(new.state.bytes().to_vec())
            .bind(new.status.as_str())
            .bind(new.reason.map(HoldReason::as_str))
            .bind(now)
            .bind((new.status == Status::Pending).then_some(now))
            .bind(new.duplicates)
            .bind(new.raw.to_vec());
    }
    let inserted = query.execute(&mut *writing.connection).await?.rows_affected();
    if inserted == events.len() as u64 { Ok(()) } else { Err(Failed::Overtaken) }
}

type Known = HashMap<Follow, Vec<admission::Known<Id>>>;
type Bookings = HashMap<Follow, Vec<Booked>>;

/// What is known of these follows, and what was booked for them.
async fn look_up(writing: &mut Writing<'_>, follows: &[Follow]) -> Result<(Known, Bookings), sqlx::Error> {
    let now = writing.now;
    let rows = padded(follows);
    let list = placeholders(writing.store.dialect, 1, 1, rows.len());
    let again = placeholders(writing.store.dialect, rows.len() + 1, 1, rows.len());
    let sql = format!(
        "SELECT follow, id, slot, state_digest, status, NULL AS device_key, NULL AS ends_at \
         FROM events WHERE follow IN {list} \
         UNION ALL \
         SELECT follow, NULL, NULL, state_digest, NULL, device_key, ends_at \
         FROM bookings WHERE follow IN {again}"
    );
    let query = rows
        .iter()
        .chain(&rows)
        .fold(sqlx::query(AssertSqlSafe(sql)), |query, follow| query.bind(follow.bytes().to_vec()));
    let (mut known, mut booked) = (Known::new(), Bookings::new());
    for row in query.fetch_all(&mut *writing.connection).await? {
        let (follow, state) = (digest(&row, "follow")?, digest(&row, "state_digest")?);
        match column::<Option<i64>>(&row, "id")? {
            Some(id) => known.entry(follow).or_default().push(admission::Known {
                id: Id::Stored(id),
                slot: digest(&row, "slot")?,
                state,
                held: column::<String>(&row, "status")? == Status::Held.as_str(),
            }),
            None => booked.entry(follow).or_default().push(Booked {
                key: column(&row, "device_key")?,
                state,
                is_over: column::<i64>(&row, "ends_at")? <= now,
            }),
        }
    }
    Ok((known, booked))
}
