//! Compares a client's report of a call with the log.

use weifen::proto::Repeat;

use crate::log::Seen;
use crate::told::Told;

/// Returns the fault of a report, if it has one. Only "unknown" matches either result: it is the only true report of a
/// write without an answer, and "no reply" is false for a call that may have used up its ticket.
pub(crate) fn violation(repeat: Repeat, told: Told, seen: &[Seen]) -> Option<String> {
    let count = |wanted: Seen| seen.iter().filter(|seen| **seen == wanted).count();
    let done = count(Seen::Done);
    let looked_at = seen.len() - count(Seen::TokenRejected);
    if done > 1 {
        return Some(format!("it was done {done} times"));
    }
    if looked_at > 1 {
        return Some(format!("it was sent {looked_at} times, beside those whose token was rejected"));
    }
    match told {
        Told::Done if done == 0 => Some("it was not done".to_owned()),
        Told::Refused if done > 0 => Some("it was done".to_owned()),
        Told::Refused if count(Seen::Refused) + count(Seen::TokenRejected) == 0 => Some("nobody refused it".to_owned()),
        Told::NotDelivered if looked_at > 0 => Some("it arrived".to_owned()),
        Told::NoReply if matches!(repeat, Repeat::Write | Repeat::Once) => Some("its outcome is unknown".to_owned()),
        Told::Undecodable if repeat == Repeat::Write => Some("its outcome is unknown".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_is_there_once() {
        assert_eq!(violation(Repeat::Write, Told::Done, &[Seen::Done]), None);
        assert_eq!(violation(Repeat::Write, Told::Done, &[Seen::TokenRejected, Seen::Done]), None);
        for seen in [&[][..], &[Seen::Refused], &[Seen::Prevented], &[Seen::Done, Seen::Done]] {
            assert!(violation(Repeat::Write, Told::Done, seen).is_some(), "{seen:?}");
        }
    }

    #[test]
    fn what_is_not_delivered_is_not_there() {
        assert_eq!(violation(Repeat::Write, Told::NotDelivered, &[]), None);
        assert_eq!(violation(Repeat::Write, Told::NotDelivered, &[Seen::TokenRejected]), None);
        for seen in [Seen::Done, Seen::Refused, Seen::Prevented] {
            assert!(violation(Repeat::Write, Told::NotDelivered, &[seen]).is_some(), "{seen:?}");
        }
    }

    #[test]
    fn what_is_refused_was_refused() {
        assert_eq!(violation(Repeat::Write, Told::Refused, &[Seen::Refused]), None);
        assert_eq!(violation(Repeat::Write, Told::Refused, &[Seen::TokenRejected, Seen::TokenRejected]), None);
        for seen in [&[][..], &[Seen::Done], &[Seen::Prevented], &[Seen::Refused, Seen::Done]] {
            assert!(violation(Repeat::Write, Told::Refused, seen).is_some(), "{seen:?}");
        }
    }

    #[test]
    fn what_is_unknown_may_be_either_and_never_twice() {
        for seen in [&[][..], &[Seen::Done], &[Seen::Refused], &[Seen::Prevented]] {
            assert_eq!(violation(Repeat::Write, Told::Unknown, seen), None, "{seen:?}");
        }
        for seen in [&[Seen::Done, Seen::Done], &[Seen::Prevented, Seen::Done]] {
            assert!(violation(Repeat::Write, Told::Unknown, seen).is_some(), "{seen:?}");
        }
    }

    #[test]
    fn nothing_but_unknown_is_said_of_a_write_without_an_answer() {
        for told in [Told::NoReply, Told::Undecodable] {
            assert!(violation(Repeat::Write, told, &[]).is_some());
            assert_eq!(violation(Repeat::Safe, told, &[]), None);
        }
        assert!(violation(Repeat::Once, Told::NoReply, &[Seen::Done]).is_some());
        assert_eq!(violation(Repeat::Once, Told::Undecodable, &[Seen::Done]), None);
    }
}
