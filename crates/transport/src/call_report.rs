//! The report of a failed call for programs in any language, the same on the command line and over HTTP.

use std::error::Error;

use serde::Serialize;

use crate::{CallError, ErrorKind};

/// Hint for a token store that is unreachable, locked or full.
const STORE_HINT: &str = "try again when the store is available; `weifen doctor` checks the store";

/// Report of a [`CallError`] for other programs. It serializes without the fields that do not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CallReport {
    /// [`ErrorKind::as_str`].
    pub kind: &'static str,
    /// Name of the vendor that was called.
    pub vendor: &'static str,
    /// Name of the operation that failed: the one that was called, or the token fetch before it.
    pub operation: &'static str,
    /// Code of the vendor's refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// Message of the vendor's refusal, in a form that may be logged; else the error and its causes.
    pub message: String,
    /// HTTP status of the vendor's reply, if one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// True where the same call may succeed if it is made again unchanged, and does no harm.
    pub retryable: bool,
    /// Hint that tells the caller what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl CallError {
    /// Returns the report of this error for other programs.
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

/// Writes an error and its sources in one sentence, each once. A source that only adds a name to the text before it is
/// left out.
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
