//! A batch of pushes: looked up, judged and stored in one transaction.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};
use weifen_fensi::transport::StoreError;

use super::row::digest;
use super::statement::{groups, placeholders};
use super::{Store, Writing, column};
use crate::admission::{Booked, Known, Verdict, admit};
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
        let mut known = known_events(&mut writing, &follows).await?;
        let booked = bookings(&mut writing, &follows).await?;

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
    fn judge(&mut self, arrival: &Arrival, known: &mut Vec<Known<Id>>, booked: &[Booked], rules: &Rules) {
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

    fn add(&mut self, arrival: &Arrival, known: &mut Vec<Known<Id>>, status: Status, reason: Option<HoldReason>) {
        known.push(Known {
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
        for group in groups(&self.new) {
            insert(writing, group).await?;
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
async fn insert(writing: &mut Writing<'_>, group: &[New]) -> Result<(), Failed> {
    const COLUMNS: usize = 9;
    let sql = format!(
        "INSERT INTO events \
             (follow, slot, state_digest, status, reason, received_at, due_at, duplicates, raw) \
         VALUES {} ON CONFLICT (follow, slot) DO NOTHING",
        placeholders(writing.store.dialect, group.len(), COLUMNS)
    );
    let now = writing.now;
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for new in group {
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
    if inserted == group.len() as u64 { Ok(()) } else { Err(Failed::Overtaken) }
}

async fn known_events(
    writing: &mut Writing<'_>,
    follows: &[Follow],
) -> Result<HashMap<Follow, Vec<Known<Id>>>, sqlx::Error> {
    let mut known: HashMap<Follow, Vec<Known<Id>>> = HashMap::new();
    for group in groups(follows) {
        let sql = format!(
            "SELECT id, follow, slot, state_digest, status FROM events WHERE follow IN {}",
            placeholders(writing.store.dialect, 1, group.len())
        );
        for row in bind_all(sqlx::query(AssertSqlSafe(sql)), group).fetch_all(&mut *writing.connection).await? {
            let status: String = column(&row, "status")?;
            known.entry(digest(&row, "follow")?).or_default().push(Known {
                id: Id::Stored(column(&row, "id")?),
                slot: digest(&row, "slot")?,
                state: digest(&row, "state_digest")?,
                held: status == Status::Held.as_str(),
            });
        }
    }
    Ok(known)
}

async fn bookings(writing: &mut Writing<'_>, follows: &[Follow]) -> Result<HashMap<Follow, Vec<Booked>>, sqlx::Error> {
    let now = writing.now;
    let mut booked: HashMap<Follow, Vec<Booked>> = HashMap::new();
    for group in groups(follows) {
        let sql = format!(
            "SELECT follow, device_key, state_digest, ends_at FROM bookings WHERE follow IN {}",
            placeholders(writing.store.dialect, 1, group.len())
        );
        for row in bind_all(sqlx::query(AssertSqlSafe(sql)), group).fetch_all(&mut *writing.connection).await? {
            let ends_at: i64 = column(&row, "ends_at")?;
            booked.entry(digest(&row, "follow")?).or_default().push(Booked {
                key: column(&row, "device_key")?,
                state: digest(&row, "state_digest")?,
                is_over: ends_at <= now,
            });
        }
    }
    Ok(booked)
}

fn bind_all<'q>(
    query: Query<'q, Any, <Any as sqlx::Database>::Arguments>,
    follows: &[Follow],
) -> Query<'q, Any, <Any as sqlx::Database>::Arguments> {
    follows.iter().fold(query, |query, follow| query.bind(follow.bytes().to_vec()))
}
