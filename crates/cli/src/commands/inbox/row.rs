//! An event as programs and people are shown it.

use serde::Serialize;
use weifen::fensi::Push;
use weifen::inbox::{Event, HoldReason, IdempotencyKey, Status};

use crate::commands::fensi::push;
use crate::failure::Failure;
use crate::output::{Report, pairs};
use crate::times::at;

/// An event under the names that programs know. What there is not is left out, but for the push, which a purge erases.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) id: i64,
    webhook_id: IdempotencyKey,
    state: Status,
    attempts: u32,
    received_at: String,
    push: Option<Push>,
    duplicates: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_reason: Option<HoldReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<String>,
}

impl TryFrom<Event> for Row {
    type Error = Failure;

    fn try_from(event: Event) -> Result<Self, Failure> {
        Ok(Self {
            id: event.id,
            webhook_id: event.key,
            state: event.status,
            attempts: event.attempts,
            received_at: at(event.received_at)?,
            push: event.push,
            duplicates: event.duplicates,
            hold_reason: event.hold_reason,
            last_failure: event.last_failure,
            settled_at: event.settled_at.map(at).transpose()?,
        })
    }
}

impl Row {
    pub(super) const HEADER: [&str; 8] =
        ["id", "state", "received_at", "user", "account", "bid", "attempts", "because"];

    /// Its cells under [`HEADER`](Self::HEADER).
    pub(super) fn cells(&self) -> [String; 8] {
        let of_push = |cell: fn(&Push) -> String| self.push.as_ref().map_or_else(|| "(purged)".to_owned(), cell);
        let because = match self.state {
            Status::Held => self.hold_reason.map(|reason| reason.as_str().to_owned()),
            _ => self.last_failure.clone(),
        };
        [
            self.id.to_string(),
            self.state.to_string(),
            self.received_at.clone(),
            of_push(|push| push.auth_open_id.to_string()),
            of_push(|push| push.appid.clone()),
            of_push(|push| push.bid.to_string()),
            self.attempts.to_string(),
            because.unwrap_or_default(),
        ]
    }

    fn facts(&self) -> String {
        let of_event = [
            ("id", Some(self.id.to_string())),
            ("webhook_id", Some(self.webhook_id.to_string())),
            ("state", Some(self.state.to_string())),
            ("held because", self.hold_reason.map(|reason| reason.as_str().to_owned())),
            ("attempts", Some(self.attempts.to_string())),
            ("last failure", self.last_failure.clone()),
            ("received_at", Some(self.received_at.clone())),
            ("settled_at", self.settled_at.clone()),
            ("duplicates", Some(self.duplicates.to_string())),
            ("push", self.push.is_none().then(|| "purged".to_owned())),
        ];
        let of_event = of_event.into_iter().filter_map(|(name, value)| Some((name, value?)));
        pairs(of_event.chain(self.push.iter().flat_map(push::facts)))
    }

    /// The one event that a command is about, and before its facts what else people are told.
    ///
    /// # Errors
    /// When the document can't be written, which is a fault of ours.
    pub(super) fn report(self, sentence: Option<&str>) -> Result<Report, Failure> {
        let people = match sentence {
            Some(sentence) => format!("{sentence}\n\n{}", self.facts()),
            None => self.facts(),
        };
        Report::of("event", &self, people)
    }
}
