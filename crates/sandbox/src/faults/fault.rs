//! One fault as it is asked for: what goes wrong, where, and how often.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::subject::{PUSH, Subject};
use crate::vendor::Vendor;

/// Every operation of the two vendors, and the push.
pub(crate) const ANY: &str = "any";

/// What goes wrong. The sandbox's README says of each what comes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FaultKind {
    /// `delay`: the reply comes late.
    Delay,
    /// `status`: another HTTP status, and no answer.
    Status,
    /// `html`: a web page in the place of the answer.
    Html,
    /// `empty`: a reply without a body.
    Empty,
    /// `truncate`: the body breaks off.
    Truncate,
    /// `drip`: the body comes byte by byte.
    Drip,
    /// `reset`: the connection is reset, without a reply.
    Reset,
    /// `gzip-bomb`: a small compressed body that inflates to a huge one.
    GzipBomb,
    /// `bad-gzip`: a body that is said to be compressed and can't be inflated.
    BadGzip,
    /// `redirect`: the caller is sent elsewhere.
    Redirect,
    /// `wrong-type`: a list, an object or a boolean where a scalar stood.
    WrongType,
    /// `extra-field`: a field that nobody knows, in each object.
    ExtraField,
    /// `missing-field`: a field less.
    MissingField,
    /// `number-as-string`: texts where numbers stood.
    NumberAsString,
    /// `string-as-number`: numbers where texts stood.
    StringAsNumber,
    /// `bom`: a byte order mark before the answer.
    Bom,
    /// `gbk`: the answer's Chinese in GBK, under a header that says UTF-8.
    Gbk,
    /// `duplicate-key`: a key that comes again, with another value.
    DuplicateKey,
    /// `deep-nesting`: a field whose value is nested deep.
    DeepNesting,
    /// `early-token-expiry`: the call's token has ended before its time.
    EarlyTokenExpiry,
    /// `quota-out`: the day's token fetches are used up.
    QuotaOut,
    /// `slow-push`: the push comes slowly.
    SlowPush,
    /// `lost-push`: the push never comes.
    LostPush,
}

impl FaultKind {
    pub(crate) fn acts_on(self, subject: &Subject) -> bool {
        match self {
            Self::SlowPush | Self::LostPush => *subject == PUSH,
            Self::QuotaOut => subject.name == "access_token",
            Self::EarlyTokenExpiry => {
                subject.vendor == Vendor::Weiting && !subject.page && subject.name != "access_token"
            }
            Self::WrongType
            | Self::ExtraField
            | Self::MissingField
            | Self::NumberAsString
            | Self::StringAsNumber
            | Self::Bom
            | Self::Gbk
            | Self::DuplicateKey
            | Self::DeepNesting => *subject != PUSH && !subject.page,
            _ => *subject != PUSH,
        }
    }
}

/// A fault to be set by [`Sandbox::set_faults`](crate::Sandbox::set_faults).
///
/// It hits every operation, each time, after the operation was done, unless it says otherwise. Settings have the names
/// that they have in JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct Fault {
    pub(crate) kind: FaultKind,
    #[serde(default = "any")]
    pub(crate) operation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) times: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) share: Option<f64>,
    #[serde(default)]
    pub(crate) before: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keep_body: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keep: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) announced: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pause_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inflated_mib: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) depth: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) over_ms: Option<u64>,
}

fn any() -> String {
    ANY.to_owned()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Fault {
    /// A fault of this kind.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            operation: any(),
            times: None,
            share: None,
            before: false,
            delay_ms: None,
            status: None,
            retry_after_s: None,
            keep_body: None,
            keep: None,
            announced: None,
            pause_ms: None,
            inflated_mib: None,
            location: None,
            field: None,
            depth: None,
            over_ms: None,
        }
    }

    /// Hits this operation alone: `order_report`, or `weiting.order_report`. By default any.
    pub fn operation(mut self, operation: impl Into<String>) -> Self {
        self.operation = operation.into();
        self
    }

    /// Happens so often, then no more; by default until the list is replaced.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Hits this share of the requests, from 1e-9 to 1, drawn from the seed; by default all of them. The shares that are
    /// given for one operation sum to 1 at most.
    pub fn share(mut self, share: f64) -> Self {
        self.share = Some(share);
        self
    }

    /// Whether it comes before the operation, which is then not done; by default the operation is done and logged first.
    pub fn before(mut self, before: bool) -> Self {
        self.before = before;
        self
    }

    /// Of `delay`: how late; 5 s by default, ten minutes at most.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay_ms = Some(milliseconds(delay));
        self
    }

    /// Of `status` (by default 500), `html` and `empty` (200), `redirect` (302): the HTTP status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Of `status`: adds a `Retry-After` of so many whole seconds.
    pub fn retry_after(mut self, retry_after: Duration) -> Self {
        self.retry_after_s = Some(retry_after.as_secs());
        self
    }

    /// Of `status`: whether the operation's own answer comes under that status; by default not.
    pub fn keep_body(mut self, keep_body: bool) -> Self {
        self.keep_body = Some(keep_body);
        self
    }

    /// Of `truncate`: so many bytes of the body are sent; by default half of them.
    pub fn keep(mut self, keep: usize) -> Self {
        self.keep = Some(keep);
        self
    }

    /// Of `truncate`: whether the whole length is announced; by default it is.
    pub fn announced(mut self, announced: bool) -> Self {
        self.announced = Some(announced);
        self
    }

    /// Of `drip`: the time between two bytes; 200 ms by default, a minute at most.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause_ms = Some(milliseconds(pause));
        self
    }

    /// Of `gzip-bomb`: what it inflates to, in MiB; 1024 by default, 4096 at most.
    pub fn inflated_mib(mut self, inflated_mib: u64) -> Self {
        self.inflated_mib = Some(inflated_mib);
        self
    }

    /// Of `redirect`: where it leads; by default to a host that does not exist.
    pub fn location(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Of the kinds that change JSON: the field, by its name at any depth or by its path (`data.bidding`); of `extra-field`
    /// the name of the new one.
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Of `deep-nesting`: how deep; 10,000 by default, a million at most.
    pub fn depth(mut self, depth: usize) -> Self {
        self.depth = Some(depth);
        self
    }

    /// Of `slow-push`: how long the push's body takes; 5 s by default, ten minutes at most.
    pub fn over(mut self, over: Duration) -> Self {
        self.over_ms = Some(milliseconds(over));
        self
    }

    pub(crate) fn kind(&self) -> FaultKind {
        self.kind
    }

    pub(crate) fn comes_before(&self) -> bool {
        self.before
    }

    pub(crate) fn is_for(&self, subject: &Subject) -> bool {
        let named = if self.operation == ANY { !subject.page } else { subject.is_named(&self.operation) };
        named && self.kind.acts_on(subject)
    }

    /// How long the body of a slow push takes.
    pub(crate) fn slowness(&self) -> Duration {
        Duration::from_millis(self.over_ms.unwrap_or(5000))
    }
}
