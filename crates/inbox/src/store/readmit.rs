//! Readmission: a quarantined request that is understood today becomes an event, and leaves the quarantine, in one
//! transaction.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use weifen_transport::StoreError;

use super::receive::{Changes, Failed, follows};
use super::{Receipt, Store};
use crate::Rules;
use crate::arrival::Arrival;

/// A quarantined row, judged anew.
#[derive(Debug)]
pub(crate) struct Reread {
    pub(crate) id: i64,
    /// Its push, or the reason to stay in quarantine.
    pub(crate) judged: Result<Arrival, String>,
}

/// Numbers of quarantined rows that were judged anew, by outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Readmitted {
    /// New events to deliver, and held events that were confirmed.
    pub stored: u64,
    /// New events that wait for a person.
    pub held: u64,
    /// Copies of stored events; they were counted there.
    pub duplicates: u64,
    /// Pushes without a booking, which the rules say to drop.
    pub dropped: u64,
    /// Those that stay in quarantine, counted by today's reasons.
    pub quarantined: BTreeMap<String, u64>,
}

impl Readmitted {
    /// Number of rows that were judged.
    pub fn judged(&self) -> u64 {
        self.stored + self.held + self.duplicates + self.dropped + self.quarantined.values().sum::<u64>()
    }

    fn count(&mut self, receipt: Receipt) {
        let count = match receipt {
            Receipt::Stored => &mut self.stored,
            Receipt::Held(_) => &mut self.held,
            Receipt::Duplicate => &mut self.duplicates,
            // No arrival is quarantined.
            Receipt::Dropped | Receipt::Quarantined => &mut self.dropped,
        };
        *count += 1;
    }

    fn count_staying(&mut self, reason: &str) {
        *self.quarantined.entry(reason.to_owned()).or_default() += 1;
    }
}

impl AddAssign for Readmitted {
    fn add_assign(&mut self, more: Self) {
        self.stored += more.stored;
        self.held += more.held;
        self.duplicates += more.duplicates;
        self.dropped += more.dropped;
        for (reason, count) in more.quarantined {
            *self.quarantined.entry(reason).or_default() += count;
        }
    }
}

impl Store {
    /// Stores the rows that are pushes of ours, and updates the reasons of the others. A row that another program took
    /// out meanwhile is not counted. A trial changes nothing.
    pub(crate) async fn readmit(
        &self,
        batch: &[Reread],
        rules: &Rules,
        is_trial: bool,
    ) -> Result<Readmitted, StoreError> {
        self.unless_overtaken(|| self.try_readmit(batch, rules, is_trial)).await
    }

    async fn try_readmit(&self, batch: &[Reread], rules: &Rules, is_trial: bool) -> Result<Readmitted, Failed> {
        let mut writing = self.write_among_others().await?;
        let (mut arrivals, mut readmitted) = (Vec::new(), Readmitted::default());
        for Reread { id, judged } in batch {
            match judged {
                Ok(arrival) => {
                    // Only the transaction that deletes the row makes an event of it.
                    let query = sqlx::query("DELETE FROM quarantine WHERE id = $1").bind(id);
                    if query.execute(&mut *writing.connection).await?.rows_affected() == 1 {
                        arrivals.push(arrival.clone());
                    }
                }
                Err(reason) => {
                    let query = sqlx::query("UPDATE quarantine SET reason = $1 WHERE id = $2").bind(reason).bind(id);
                    if query.execute(&mut *writing.connection).await?.rows_affected() == 1 {
                        readmitted.count_staying(reason);
                    }
                }
            }
        }
        if !arrivals.is_empty() {
            let found = self.look_up_within(&mut writing, &follows(&arrivals)).await?;
            // They take no more room than before.
            let changes = Changes::of(&arrivals, found, rules, &|_, _| Ok(()));
            changes.write(&mut writing).await?;
            changes.receipts.iter().flatten().for_each(|receipt| readmitted.count(*receipt));
        }
        if !is_trial {
            writing.commit().await.map_err(Failed::Commit)?;
        }
        Ok(readmitted)
    }
}
