//! What programs in any language are told of a call that has no answer: on the command line and over HTTP alike.

use std::error::Error;

use serde::Serialize;

use crate::{CallError, ErrorKind};

/// Advice beside a token store that is away, locked or full.
const STORE_HINT: &str = "try again once the store is back; `weifen doctor` looks at it";

/// What programs are told of a [`CallError`]. Serialises without the fields that do not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CallReport {
    /// [`ErrorKind::as_str`].
    pub kind: &'static str,
    /// The vendor that was called.
    pub vendor: &'static str,
    /// The operation that was called; where a token had to be fetched first, the one that failed.
    pub operation: &'static str,
    /// The vendor's code, where it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// The vendor's words as they may be logged, where it refused and gave any; else the error and its causes.
    pub message: String,
    /// The HTTP status of the vendor's reply, where one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// Whether the same call may be made again, unchanged, with a hope of an answer and no harm.
    pub retryable: bool,
    /// What the caller may do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl CallError {
    /// What programs are told of it.
    pub fn report(&self) -> CallReport {
        let store_hint = (self.kind() == ErrorKind::Store).then_some(STORE_HINT);
        let mut report = CallReport {
            kind: self.kind().as_str(),
            vendor: self.vendor().name(),
            operation: self.operation().name,
            code: None,
            message: in_words(self),
            http_status: self.http_status().map(|status| status.as_u16()),
            retryable: self.is_retryable(),
            hint: self.hint().or(store_hint).map(str::to_owned),
        };
        if let Some(refusal) = self.refusal() {
            report.code = Some(refusal.code());
            if !refusal.message().is_empty() {
                report.message = refusal.printable_message();
            }
            let advice = report.hint.unwrap_or_else(|| refusal.kind().advice().to_owned());
            report.hint = Some(match refusal.printable_cap() {
                Some(behind) => format!("{behind}; {advice}"),
                None => advice,
            });
        }
        report
    }
}

/// Writes an error and all its sources in one sentence, each said once. One that only puts a name before what was said
/// says nothing new.
pub fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        let unnamed = more.split_once(": ").map_or(&*more, |(_, unnamed)| unnamed);
        if !words.ends_with(unnamed) {
            words.push_str(": ");
            words.push_str(&more);
        }
        source = error.source();
    }
    words
}
