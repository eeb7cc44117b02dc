//! The record under a key, and the rules by which it changes: the same in every store of this crate.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use weifen_transport::Withheld;

use super::brake::Brake;
use super::ledger::Ledger;
use super::{Claim, SaveOutcome};
use crate::token::Token;

/// Time for which a record with an expired token is kept after its last fetch.
const KEPT: Duration = Duration::from_secs(3 * 86_400);

/// A token, the generation granted for the next, and the brake.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) token: Option<Token>,
    /// The last generation for which a lease was granted.
    granted: u64,
    /// True once the outcome of that fetch is known: saved or failed.
    ended: bool,
    pub(super) brake: Brake,
}

impl Record {
    /// Returns the token if it is valid and later than the one to be replaced.
    pub(super) fn current(&self, claim: &Claim) -> Option<&Token> {
        let is_valid = |token: &Token| token.expires_at() > claim.now && token.is_believed(claim.now, claim.life);
        self.token.as_ref().filter(|token| is_valid(token) && token.generation() > claim.replaces)
    }

    /// Grants the lease and counts the fetch; returns the generation of the token to come.
    pub(super) fn grant(&mut self, ledger: &mut Ledger, claim: &Claim) -> Result<u64, Withheld> {
        ledger.check(claim.now, claim.daily_limit)?;
        let brake = self.next_brake();
        brake.check(claim.now)?;
        ledger.book(claim.now);
        self.brake = brake;
        self.brake.book(claim.now);
        self.granted = self.granted.max(claim.replaces).saturating_add(1);
        self.ended = false;
        Ok(self.granted)
    }

    /// The brake as the next claim finds it: released if the last fetch's token is still held, set back if the outcome
    /// of the last fetch is unknown.
    fn next_brake(&self) -> Brake {
        let mut brake = self.brake.clone();
        if self.token.as_ref().is_some_and(|token| token.generation() == self.granted) {
            brake.recover();
        }
        if self.granted > 0 && !self.ended {
            brake.set_back();
        }
        brake
    }

    /// Saves a token, unless its lease was granted to another since or was used already: a save whose answer was lost
    /// is repeated, and the token may have been rejected meanwhile.
    pub(super) fn save(&mut self, token: &Token) -> SaveOutcome {
        let generation = token.generation();
        let used = generation == self.granted && self.ended;
        if generation < self.granted || used {
            return SaveOutcome::Superseded;
        }
        if generation > self.granted {
            // The store lost its content since the fetch was granted.
            self.brake.book(token.fetched_at());
        }
        self.token = Some(token.clone());
        self.granted = generation;
        self.ended = true;
        SaveOutcome::Kept
    }

    /// Ends the fetch of `generation`, which brought no token, and sets the brake back.
    pub(super) fn fail(&mut self, generation: u64) {
        if generation == self.granted && !self.ended {
            self.ended = true;
            self.brake.set_back();
        }
    }

    /// Drops the token if it is of this generation, and sets the brake back.
    pub(super) fn reject(&mut self, generation: u64) {
        if self.token.take_if(|token| token.generation() == generation).is_some() {
            self.brake.set_back();
        }
    }

    pub(super) fn braked_until(&self, now: SystemTime) -> Option<SystemTime> {
        Some(self.next_brake().free_at(now)).filter(|until| *until > now)
    }

    /// Returns true where the record can be deleted: its token has expired, and so has every pause.
    pub(super) fn is_over(&self, now: SystemTime) -> bool {
        let ended = self.token.as_ref().is_none_or(|token| token.expires_at() <= now);
        ended && self.brake.last_fetch_at() + KEPT < now
    }
}
