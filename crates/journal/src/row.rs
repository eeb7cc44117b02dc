//! The life of a key, as pure functions on its row: when a call may be sent, and who may write its end.

use crate::{Answer, Fingerprint, Outcome};

/// The row of a key, as far as decisions need it. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) fingerprint: Fingerprint,
    /// As it is written; [`outcome`](Self::outcome) is what it means now.
    pub(crate) written: Outcome,
    pub(crate) sender: String,
    pub(crate) attempt: i64,
    pub(crate) deadline: i64,
    pub(crate) kept_until: i64,
    pub(crate) answer: Option<Answer>,
}

/// The decision on a request under a key that has been used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Again {
    /// It is begun anew.
    Send,
    /// The first is under way, for so many milliseconds at the most.
    InUse(i64),
    /// It is answered as it was before.
    Replay(Outcome, Option<Answer>),
    /// The key stands for another request.
    Reused,
    /// The answer is kept no longer.
    Expired(Outcome),
}

/// The decision on an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Write,
    /// It is written already.
    Written,
    /// It comes too late, or another attempt was begun.
    Overtaken,
}

impl Row {
    /// What the row means at this time.
    pub(crate) fn outcome(&self, now: i64) -> Outcome {
        if self.written == Outcome::Begun && now >= self.deadline { Outcome::Unknown } else { self.written }
    }

    pub(crate) fn again(&self, fingerprint: &Fingerprint, now: i64) -> Again {
        match self.outcome(now) {
            _ if self.fingerprint != *fingerprint => Again::Reused,
            Outcome::Free => Again::Send,
            Outcome::Begun => Again::InUse(self.deadline - now),
            outcome if now >= self.kept_until => Again::Expired(outcome),
            outcome => Again::Replay(outcome, self.answer.clone()),
        }
    }

    /// Judges an end with this outcome, by its sender: of an unknown call it may still tell what became of it, but
    /// nobody may set it free.
    pub(crate) fn ending(&self, sender: &str, attempt: i64, outcome: Outcome, now: i64) -> Ending {
        let is_its_own = self.sender == sender && self.attempt == attempt;
        match (self.outcome(now), outcome) {
            _ if !is_its_own => Ending::Overtaken,
            (Outcome::Begun, _) => Ending::Write,
            (Outcome::Unknown, Outcome::Free) => Ending::Overtaken,
            (Outcome::Unknown, _) if self.answer.is_none() && now < self.kept_until => Ending::Write,
            _ => Ending::Written,
        }
    }
}

#[cfg(test)]
mod tests {
    //! A model of servers that begin, send, end, die and wake late, and of a clock that runs on: whatever the order, a
    //! call is sent at most once without being free again, and an end that was told stays.

    use proptest::prelude::*;

    use super::*;

    const SENDABLE: i64 = 15;
    const KEPT: i64 = 60;

    #[derive(Debug, Clone)]
    enum Step {
        /// A server gets the request.
        Ask {
            server: usize,
            is_other_request: bool,
        },
        /// A server that has begun it sends it, and the vendor may do it.
        Send {
            server: usize,
            is_refused_for_now: bool,
        },
        /// A server writes what it knows.
        End {
            server: usize,
        },
        /// A server dies, and another run takes its place.
        Die {
            server: usize,
        },
        /// A SQLite file's server finds what another run began.
        Abandon,
        Pass(i64),
        Erase,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0..3_usize, prop::bool::weighted(0.1))
                .prop_map(|(server, is_other_request)| Step::Ask { server, is_other_request }),
            3 => (0..3_usize, any::<bool>())
                .prop_map(|(server, is_refused_for_now)| Step::Send { server, is_refused_for_now }),
            3 => (0..3_usize).prop_map(|server| Step::End { server }),
            1 => (0..3_usize).prop_map(|server| Step::Die { server }),
            1 => Just(Step::Abandon),
            2 => (1..25_i64).prop_map(Step::Pass),
            1 => Just(Step::Erase),
        ]
    }

    /// What a run of a server holds of the call.
    #[derive(Debug, Clone)]
    struct Held {
        attempt: i64,
        deadline: i64,
        knows: Option<Outcome>,
    }

    #[derive(Debug, Default)]
    struct World {
        now: i64,
        row: Option<Row>,
        runs: [u32; 3],
        held: [Option<Held>; 3],
        /// Number of times that the vendor may have done it.
        effects: u32,
        /// The answer that somebody got for good.
        told: Option<(Outcome, Option<Answer>)>,
    }

    impl World {
        fn name(&self, server: usize) -> String {
            format!("{server} {}", self.runs[server])
        }

        fn take(&mut self, step: &Step) {
            match *step {
                Step::Ask { server, is_other_request } => self.ask(server, is_other_request),
                Step::Send { server, is_refused_for_now } => self.send(server, is_refused_for_now),
                Step::End { server } => self.end(server),
                Step::Die { server } => (self.runs[server], self.held[server]) = (self.runs[server] + 1, None),
                Step::Abandon => {
                    let alive: Vec<_> = (0..3).map(|server| self.name(server)).collect();
                    if let Some(row) = self.row.as_mut().filter(|row| !alive.contains(&row.sender))
                        && row.written == Outcome::Begun
                    {
                        row.written = Outcome::Unknown;
                    }
                }
                Step::Pass(time) => self.now += time,
                Step::Erase => {
                    if let Some(row) = self.row.as_mut().filter(|row| row.kept_until <= self.now) {
                        row.answer = None;
                    }
                }
            }
        }

        fn ask(&mut self, server: usize, is_other_request: bool) {
            let fingerprint = Fingerprint(vec![u8::from(is_other_request)]);
            let (now, sender) = (self.now, self.name(server));
            let begun = |attempt| Row {
                fingerprint: fingerprint.clone(),
                written: Outcome::Begun,
                sender: sender.clone(),
                attempt,
                deadline: now + SENDABLE,
                kept_until: now + SENDABLE + KEPT,
                answer: None,
            };
            let attempt = match self.row.as_ref().map(|row| (row.again(&fingerprint, now), row.attempt)) {
                None => 1,
                Some((Again::Send, attempt)) => attempt + 1,
                Some((Again::Replay(outcome, answer), _)) => return self.is_told(outcome, answer),
                Some((Again::Expired(outcome), _)) => {
                    return assert!(self.told.as_ref().is_none_or(|(told, _)| may_become(*told, outcome)));
                }
                Some((Again::InUse(_) | Again::Reused, _)) => return,
            };
            assert!(self.told.is_none(), "a call that was answered for good is begun again");
            self.row = Some(begun(attempt));
            self.held[server] = Some(Held { attempt, deadline: now + SENDABLE, knows: None });
        }

        fn send(&mut self, server: usize, is_refused_for_now: bool) {
            let now = self.now;
            let Some(held) = self.held[server].as_mut().filter(|held| held.knows.is_none()) else { return };
            if now >= held.deadline {
                held.knows = Some(Outcome::Free);
                return;
            }
            held.knows = Some(if is_refused_for_now { Outcome::Free } else { Outcome::Done });
            self.effects += u32::from(!is_refused_for_now);
        }

        fn end(&mut self, server: usize) {
            let sender = self.name(server);
            let Some(held) = self.held[server].clone() else { return };
            let Some(outcome) = held.knows else { return };
            let Some(row) = &mut self.row else { return };
            let answer = (outcome != Outcome::Free).then(|| Answer { status: 200, body: held.attempt.to_string() });
            match row.ending(&sender, held.attempt, outcome, self.now) {
                Ending::Write => {
                    (row.written, row.answer) = (outcome, answer.clone());
                    if outcome != Outcome::Free {
                        self.is_told(outcome, answer);
                    }
                }
                Ending::Written | Ending::Overtaken => {}
            }
        }

        /// Somebody is answered with this.
        fn is_told(&mut self, outcome: Outcome, answer: Option<Answer>) {
            if let Some((told, before)) = &self.told {
                assert!(may_become(*told, outcome), "{told:?} became {outcome:?}");
                assert!(*told != outcome || *before == answer, "the answer changed");
            }
            self.told = Some((outcome, answer));
        }
    }

    /// An unknown call may be found to have been done, and nothing else changes.
    fn may_become(told: Outcome, outcome: Outcome) -> bool {
        told == outcome || (told == Outcome::Unknown && outcome != Outcome::Free)
    }

    proptest! {
        #[test]
        fn whatever_the_order_nothing_is_done_twice_and_no_end_is_lost(steps in prop::collection::vec(step(), 0..60)) {
            let mut world = World::default();
            for step in &steps {
                world.take(step);
                prop_assert!(world.effects <= 1, "{:?}", world);
            }
        }
    }

    #[test]
    fn an_unknown_call_is_set_free_by_nobody_and_ended_by_its_sender_alone() {
        let row = Row {
            fingerprint: Fingerprint(vec![0]),
            written: Outcome::Begun,
            sender: "a".to_owned(),
            attempt: 2,
            deadline: 10,
            kept_until: 50,
            answer: None,
        };
        assert_eq!(row.ending("a", 2, Outcome::Free, 9), Ending::Write);
        assert_eq!(row.ending("a", 2, Outcome::Free, 10), Ending::Overtaken);
        assert_eq!(row.ending("a", 2, Outcome::Done, 10), Ending::Write);
        assert_eq!(row.ending("a", 1, Outcome::Done, 9), Ending::Overtaken);
        assert_eq!(row.ending("b", 2, Outcome::Done, 9), Ending::Overtaken);
        let abandoned = Row { written: Outcome::Unknown, ..row };
        assert_eq!(abandoned.ending("a", 2, Outcome::Free, 9), Ending::Overtaken);
        assert_eq!(abandoned.ending("a", 2, Outcome::Refused, 9), Ending::Write);
    }
}
