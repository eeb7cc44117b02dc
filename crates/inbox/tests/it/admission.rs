//! The verdict on a push in every case: the follow's earlier event, the bookings, and the rules.

use std::time::Duration;

use tokio::task::JoinSet;
use weifen_inbox::{Booking, Bookings, HoldReason, Receipt, SecondFollow, Unsolicited};

use crate::support::{TestDatabase, behaviours, booking, push, push_with_state, receive, rules};

behaviours![every_case_is_judged_as_the_rules_say];

type State = Option<&'static str>;

const STATES: [State; 3] = [None, Some("a"), Some("b")];

/// The follow's earlier event, with the state it came with.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Known {
    Nothing,
    /// An event that is to be paid.
    Paid(State),
    /// A held event, which nobody asked for.
    Held(State),
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Booked {
    is_elsewhere: bool,
    state: State,
    is_over: bool,
}

#[derive(Debug, Clone)]
struct Case {
    user: String,
    known: Known,
    booked: Vec<Booked>,
    state: State,
}

impl Case {
    fn all(round: &str) -> Vec<Self> {
        let known = STATES.into_iter().flat_map(|state| [Known::Paid(state), Known::Held(state)]);
        let known: Vec<_> = known.chain([Known::Nothing]).collect();
        let mut cases = Vec::new();
        for known in known {
            for booked in bookings() {
                for state in STATES {
                    let user = format!("{round}-{}", cases.len());
                    cases.push(Self { user, known, booked: booked.clone(), state });
                }
            }
        }
        cases
    }

    fn push(&self, state: State) -> String {
        state.map_or_else(|| push(&self.user), |state| push_with_state(&self.user, state))
    }

    fn booking(&self, booked: Booked) -> Booking {
        let mut booking = booking(&self.user);
        booking.state = booked.state.map(str::to_owned);
        if booked.is_elsewhere {
            booking.key = "device-2".into();
        }
        if booked.is_over {
            booking.lasts = Duration::ZERO;
        }
        booking
    }

    /// The documented receipt.
    fn expected(&self, unsolicited: Unsolicited, second_follow: SecondFollow) -> Receipt {
        let is_same = |state| second_follow == SecondFollow::Ignore || state == self.state;
        let has_state = |booked: &&Booked| booked.state.is_none() || booked.state == self.state;
        let here: Vec<_> = self.booked.iter().filter(|booked| !booked.is_elsewhere).collect();
        let is_asked_for = here.iter().copied().filter(has_state).any(|booked| !booked.is_over);
        match self.known {
            Known::Paid(state) if is_same(state) => return Receipt::Duplicate,
            Known::Held(state) if is_same(state) && !is_asked_for => return Receipt::Duplicate,
            _ if is_asked_for => return Receipt::Stored,
            _ => {}
        }
        match unsolicited {
            Unsolicited::Pay => Receipt::Stored,
            Unsolicited::Drop => Receipt::Dropped,
            Unsolicited::Hold if here.iter().any(has_state) => Receipt::Held(HoldReason::BookingOver),
            Unsolicited::Hold if !here.is_empty() => Receipt::Held(HoldReason::OtherState),
            Unsolicited::Hold if !self.booked.is_empty() => Receipt::Held(HoldReason::OtherDevice),
            Unsolicited::Hold => Receipt::Held(HoldReason::NotBooked),
        }
    }
}

/// No booking, one of each kind, and each pair of kinds.
fn bookings() -> Vec<Vec<Booked>> {
    let mut single = Vec::new();
    for is_elsewhere in [false, true] {
        for state in [None, Some("a")] {
            single.extend([false, true].map(|is_over| Booked { is_elsewhere, state, is_over }));
        }
    }
    let pairs = single.iter().enumerate().flat_map(|(at, one)| single[at + 1..].iter().map(|other| vec![*one, *other]));
    let ones = single.iter().map(|one| vec![*one]);
    [Vec::new()].into_iter().chain(ones).chain(pairs).collect()
}

async fn every_case_is_judged_as_the_rules_say(database: TestDatabase) {
    for second_follow in [SecondFollow::Ignore, SecondFollow::PerState] {
        for unsolicited in [Unsolicited::Hold, Unsolicited::Pay, Unsolicited::Drop] {
            judge(&database, unsolicited, second_follow).await;
        }
    }
}

async fn judge(database: &TestDatabase, unsolicited: Unsolicited, second_follow: SecondFollow) {
    let round = format!("{unsolicited:?}-{second_follow:?}");
    let open =
        async |unsolicited| database.inbox_with(rules().second_follow(second_follow).unsolicited(unsolicited)).await;
    let (paying, holding, judging) =
        (open(Unsolicited::Pay).await, open(Unsolicited::Hold).await, open(unsolicited).await);
    let mut judgements = JoinSet::new();
    for case in Case::all(&round) {
        let (paying, holding, judging) = (paying.clone(), holding.clone(), judging.clone());
        judgements.spawn(async move {
            match case.known {
                Known::Nothing => {}
                Known::Paid(state) => assert_eq!(receive(&paying, &case.push(state)).await, Receipt::Stored),
                Known::Held(state) => assert!(matches!(receive(&holding, &case.push(state)).await, Receipt::Held(_))),
            }
            for booked in &case.booked {
                judging.book(&case.booking(*booked)).await.unwrap();
            }
            let receipt = receive(&judging, &case.push(case.state)).await;
            assert_eq!(
                receipt,
                case.expected(unsolicited, second_follow),
                "{case:?} {unsolicited:?} {second_follow:?}"
            );
        });
    }
    assert_eq!(judgements.join_all().await.len(), 7 * 37 * 3);
}
