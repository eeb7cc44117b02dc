//! Whether what a client reported of a call is what happened.

use crate::log::Seen;
use crate::told::Told;

/// What is wrong, if anything is.
pub(crate) fn violation(told: Told, seen: &[Seen]) -> Option<String> {
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
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_is_there_once() {
        assert_eq!(violation(Told::Done, &[Seen::Done]), None);
        assert_eq!(violation(Told::Done, &[Seen::TokenRejected, Seen::Done]), None);
        for seen in [&[][..], &[Seen::Refused], &[Seen::Prevented], &[Seen::Done, Seen::Done]] {
            assert!(violation(Told::Done, seen).is_some(), "{seen:?}");
        }
    }

    #[test]
    fn what_is_not_delivered_is_not_there() {
        assert_eq!(violation(Told::NotDelivered, &[]), None);
        assert_eq!(violation(Told::NotDelivered, &[Seen::TokenRejected]), None);
        for seen in [Seen::Done, Seen::Refused, Seen::Prevented] {
            assert!(violation(Told::NotDelivered, &[seen]).is_some(), "{seen:?}");
        }
    }

    #[test]
    fn what_is_refused_was_refused() {
        assert_eq!(violation(Told::Refused, &[Seen::Refused]), None);
        assert_eq!(violation(Told::Refused, &[Seen::TokenRejected, Seen::TokenRejected]), None);
        for seen in [&[][..], &[Seen::Done], &[Seen::Prevented], &[Seen::Refused, Seen::Done]] {
            assert!(violation(Told::Refused, seen).is_some(), "{seen:?}");
        }
    }

    #[test]
    fn what_is_unknown_may_be_either_and_never_twice() {
        for told in [Told::Unknown, Told::Undecodable, Told::NoReply] {
            for seen in [&[][..], &[Seen::Done], &[Seen::Refused], &[Seen::Prevented]] {
                assert_eq!(violation(told, seen), None, "{seen:?}");
            }
            for seen in [&[Seen::Done, Seen::Done], &[Seen::Prevented, Seen::Done]] {
                assert!(violation(told, seen).is_some(), "{seen:?}");
            }
        }
    }
}
