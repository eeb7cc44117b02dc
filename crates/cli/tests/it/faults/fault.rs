//! One fault: what the server does, and how the call must end, by the operation's class.

use xtask_specimens::Effect;

use super::script::Step;

#[derive(Clone)]
pub(super) struct Fault {
    pub(super) name: String,
    pub(super) steps: Vec<Step>,
    /// Steps after another token was fetched, for replies that make a client fetch one.
    pub(super) with_new_token: Option<Vec<Step>>,
    pub(super) ends: Ends,
    /// True where it uses up the call's timeout.
    pub(super) lasts: bool,
    /// True where it may cost memory.
    pub(super) is_large: bool,
}

/// The outcome of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// The answer is understood all the same.
    Answered,
    /// No reply came.
    NoReply,
    /// The reply is no answer; another one might be.
    NoAnswer,
    /// The reply is no answer, and will be none.
    NeverAnAnswer,
    /// The vendor said no.
    Refused,
    /// The vendor rejected the token, and then understood the call with another.
    AnsweredWithNewToken,
    /// The vendor rejected the token, and the next one too.
    RefusedWithNewToken,
    /// An answer or none: a race.
    AnsweredOrNoReply,
}

/// The end of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) exit: i32,
    pub(super) kind: Option<&'static str>,
    pub(super) arrivals: usize,
}

impl Fault {
    pub(super) fn new(name: impl Into<String>, ends: Ends, steps: impl Into<Vec<Step>>) -> Self {
        Self { name: name.into(), steps: steps.into(), with_new_token: None, ends, lasts: false, is_large: false }
    }

    /// The request is read, and these bytes are sent.
    pub(super) fn bytes(name: impl Into<String>, ends: Ends, bytes: impl AsRef<[u8]>) -> Self {
        Self::new(name, ends, [Step::Read, Step::send(bytes)])
    }

    /// HTTP 200 with this body.
    pub(super) fn body(name: impl Into<String>, ends: Ends, body: impl AsRef<[u8]>) -> Self {
        Self::bytes(name, ends, reply("200 OK", "content-type: application/json\r\n", body))
    }

    pub(super) fn then(mut self, body: impl AsRef<[u8]>) -> Self {
        self.with_new_token = Some(vec![Step::Read, Step::send(reply("200 OK", "", body))]);
        self
    }

    pub(super) fn lasting(mut self) -> Self {
        self.lasts = true;
        self
    }

    pub(super) fn large(mut self) -> Self {
        self.is_large = true;
        self
    }

    /// The time-out of the calls that meet it, in seconds: long enough for all repetitions, where it is not used up.
    pub(super) fn timeout(&self) -> u64 {
        if self.lasts { 1 } else { 3 }
    }

    /// The table: how a call of this class may end.
    pub(super) fn documented(&self, effect: Effect) -> Vec<Ended> {
        let ended = |exit, kind, arrivals| Ended { exit, kind, arrivals };
        let repeated = if effect == Effect::Safe && !self.lasts { 3 } else { 1 };
        let answered = ended(0, None, 1);
        let no_reply = match effect {
            Effect::Safe | Effect::Counted => ended(5, Some("no_reply"), repeated),
            Effect::Once | Effect::Write => ended(7, Some("unknown_outcome"), 1),
        };
        let no_answer = |arrivals| match effect {
            Effect::Safe | Effect::Counted | Effect::Once => ended(6, Some("undecodable"), arrivals),
            Effect::Write => ended(7, Some("unknown_outcome"), 1),
        };
        match self.ends {
            Ends::Answered => vec![answered],
            Ends::NoReply => vec![no_reply],
            Ends::NoAnswer => vec![no_answer(repeated)],
            Ends::NeverAnAnswer => vec![no_answer(1)],
            Ends::Refused => vec![ended(4, Some("refused"), 1)],
            Ends::AnsweredWithNewToken => vec![ended(0, None, 2)],
            Ends::RefusedWithNewToken => vec![ended(4, Some("refused"), 2)],
            // Each attempt is a race of its own, and may be lost before it is sent.
            Ends::AnsweredOrNoReply => {
                let answered = (1..=repeated).map(|arrivals| Ended { arrivals, ..answered.clone() });
                answered.chain((0..=repeated).map(|arrivals| Ended { arrivals, ..no_reply.clone() })).collect()
            }
        }
    }
}

/// A reply with its length, on a connection that ends with it.
pub(super) fn reply(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}
