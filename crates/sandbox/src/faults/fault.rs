//! One fault as it is asked for: what goes wrong, where, and how often.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::subject::{PUSH, Subject};
use crate::vendor::Vendor;

/// Every operation of the two vendors, and the push.
pub(crate) const ANY: &str = "any";

/// A kind of fault, with the settings that it has. Each has its name in JSON, and `None` is a setting that is absent.
/// The sandbox's README says of each kind what comes over the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "a kind's own line speaks of its settings")]
pub enum FaultKind {
    /// `delay`: the reply comes late; by 5 s if absent, ten minutes at most.
    Delay { delay_ms: Option<u64> },
    /// `status`: another HTTP status, 500 if absent, and no answer unless its body is kept; `Retry-After` if given.
    Status { status: Option<u16>, retry_after_s: Option<u64>, keep_body: Option<bool> },
    /// `html`: a web page in the place of the answer, with status 200 if absent.
    Html { status: Option<u16> },
    /// `empty`: a reply without a body, with status 200 if absent.
    Empty { status: Option<u16> },
    /// `truncate`: the body breaks off after so many bytes, half of it if absent; its whole length is announced unless
    /// `Some(false)` says otherwise.
    Truncate { keep: Option<usize>, announced: Option<bool> },
    /// `drip`: the body comes byte by byte, 200 ms apart if absent, a minute at most.
    Drip { pause_ms: Option<u64> },
    /// `reset`: the connection is reset, without a reply.
    Reset,
    /// `gzip-bomb`: a small compressed body that inflates to a huge one, 1024 MiB if absent, 4096 at most.
    GzipBomb { inflated_mib: Option<u64> },
    /// `bad-gzip`: a body that is said to be compressed and can't be inflated.
    BadGzip,
    /// `redirect`: the caller is sent elsewhere, with status 302 and to a host that does not exist if absent.
    Redirect { status: Option<u16>, location: Option<String> },
    /// `wrong-type`: a list, an object or a boolean where a scalar stood. Here and below a field is given by its name
    /// at any depth or by its path (`data.bidding`); if absent, chance chooses one, or all are meant.
    WrongType { field: Option<String> },
    /// `extra-field`: a field that nobody knows, in each object, of this name.
    ExtraField { field: Option<String> },
    /// `missing-field`: a field less.
    MissingField { field: Option<String> },
    /// `number-as-string`: texts where numbers stood.
    NumberAsString { field: Option<String> },
    /// `string-as-number`: numbers where texts stood.
    StringAsNumber { field: Option<String> },
    /// `bom`: a byte order mark before the answer.
    Bom,
    /// `gbk`: the answer's Chinese in GBK, under a header that says UTF-8.
    Gbk,
    /// `duplicate-key`: a key that comes again, with another value.
    DuplicateKey { field: Option<String> },
    /// `deep-nesting`: a field whose value is nested deep, 10,000 lists if absent, a million at most.
    DeepNesting { field: Option<String>, depth: Option<usize> },
    /// `early-token-expiry`: the call's token has ended before its time.
    EarlyTokenExpiry,
    /// `quota-out`: the day's token fetches are used up.
    QuotaOut,
    /// `slow-push`: the push's body takes so long, 5 s if absent, ten minutes at most.
    SlowPush { over_ms: Option<u64> },
    /// `lost-push`: the push never comes.
    LostPush,
}

impl FaultKind {
    /// The kind's name in JSON.
    pub(crate) fn name(&self) -> String {
        json!(self)["kind"].as_str().unwrap_or_default().to_owned()
    }

    /// The field that it is about, of the kinds that change JSON.
    pub(crate) fn field(&self) -> Option<&str> {
        match self {
            Self::WrongType { field }
            | Self::ExtraField { field }
            | Self::MissingField { field }
            | Self::NumberAsString { field }
            | Self::StringAsNumber { field }
            | Self::DuplicateKey { field }
            | Self::DeepNesting { field, .. } => field.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn acts_on(&self, subject: &Subject) -> bool {
        match self {
            Self::SlowPush { .. } | Self::LostPush => *subject == PUSH,
            Self::QuotaOut => subject.name == "access_token",
            Self::EarlyTokenExpiry => {
                subject.vendor == Vendor::Weiting && !subject.page && subject.name != "access_token"
            }
            Self::WrongType { .. }
            | Self::ExtraField { .. }
            | Self::MissingField { .. }
            | Self::NumberAsString { .. }
            | Self::StringAsNumber { .. }
            | Self::Bom
            | Self::Gbk
            | Self::DuplicateKey { .. }
            | Self::DeepNesting { .. } => *subject != PUSH && !subject.page,
            _ => *subject != PUSH,
        }
    }
}

/// A fault to be set by [`Sandbox::set_faults`](crate::Sandbox::set_faults).
///
/// It hits every operation, each time, after the operation was done, unless it says otherwise. Its JSON is an entry of
/// `POST /_sandbox/faults`.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) operation: String,
    pub(crate) times: Option<u64>,
    pub(crate) share: Option<f64>,
    pub(crate) before: bool,
}

impl Fault {
    /// A fault of this kind.
    pub fn new(kind: FaultKind) -> Self {
        Self { kind, operation: ANY.to_owned(), times: None, share: None, before: false }
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

    /// Hits this share of the requests, from 1e-9 to 1, drawn from the seed; by default all of them. The shares that
    /// are given for one operation sum to 1 at most.
    pub fn share(mut self, share: f64) -> Self {
        self.share = Some(share);
        self
    }

    /// Comes before the operation, which is then not done; by default the operation is done and logged first.
    pub fn before(mut self, before: bool) -> Self {
        self.before = before;
        self
    }

    pub(crate) fn is_for(&self, subject: &Subject) -> bool {
        let named = if self.operation == ANY { !subject.page } else { subject.is_named(&self.operation) };
        named && self.kind.acts_on(subject)
    }
}
