//! Stdout: lines for people, or one JSON document; and notes beside it, on stderr.

mod json;
mod listing;
pub(crate) mod logs;
mod people;
pub(crate) mod stderr;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use crate::chinese::chinese;
use crate::failure::Failure;
use crate::language::Language;

pub(crate) use json::document;
pub(crate) use listing::listing;
pub(crate) use people::{pairs, plain, table, wrapped};
pub(crate) use stderr::aside;

/// Time that stdout waits for earlier lines on stderr, so that a terminal shows both in order.
const IN_ORDER: Duration = Duration::from_millis(100);

/// The reader of a command's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    People(Language),
    Json,
}

/// The report of a command that succeeded, in both forms.
#[derive(Debug)]
pub(crate) struct Report {
    document: String,
    people: String,
}

impl Report {
    /// Makes a report of a JSON document, and the same in lines for people.
    ///
    /// # Errors
    /// When the document can't be encoded, which is a bug of weifen.
    pub(crate) fn new(document: &impl Serialize, people: impl Into<String>) -> Result<Self, Failure> {
        Ok(Self { document: json::document(document)?, people: people.into() })
    }

    /// Makes a report of the JSON document `{"NAME":VALUE}`, and the same in lines for people.
    ///
    /// # Errors
    /// When the value can't be encoded, which is a bug of weifen.
    pub(crate) fn of(name: &str, value: &impl Serialize, people: impl Into<String>) -> Result<Self, Failure> {
        Self::new(&BTreeMap::from([(name, value)]), people)
    }
}

impl Output {
    /// The output that `--json` and `--lang` ask for.
    pub(crate) fn new(json: bool, lang: Option<Language>) -> Self {
        if json { Self::Json } else { Self::People(Language::of(lang)) }
    }

    /// The line of a failure's hint, if it has one.
    pub(crate) fn hint(self, failure: &Failure) -> Option<String> {
        let hint = failure.hint()?;
        Some(match self {
            Self::People(Language::Chinese) => format!("提示：{}", plain(&chinese(hint))),
            Self::People(Language::English) | Self::Json => format!("hint: {}", plain(hint)),
        })
    }

    /// Writes a command's report, its last output.
    ///
    /// # Errors
    /// When stdout can't be written to.
    pub(crate) fn report(self, report: &Report) -> Result<ExitCode, Failure> {
        stderr::settle(IN_ORDER);
        match self {
            Self::People(_) => write_line(report.people.trim_end())?,
            Self::Json => write_line(&report.document)?,
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Writes the report of a ready server without waiting: a stalled reader or a full disk does not stop a server.
    pub(crate) fn ready(self, report: Report) {
        tokio::task::spawn_blocking(move || {
            if let Err(failure) = self.report(&report) {
                stderr::warn(&format!(
                    "the server is ready, but could not print its addresses: {}",
                    failure.sentence()
                ));
            }
        });
    }

    /// Writes a failure; returns the exit code.
    pub(crate) fn failure(self, failure: &Failure) -> ExitCode {
        match self {
            Self::People(_) => self.tell(failure),
            Self::Json if failure.is_late() => self.tell(failure),
            Self::Json => {
                let document = json::document(&BTreeMap::from([("error", failure.report())]));
                if document.and_then(|document| write_line(&document)).is_err() {
                    self.tell(failure);
                }
            }
        }
        ExitCode::from(failure.exit_code())
    }

    fn tell(self, failure: &Failure) {
        let mut lines = format!("error: {}\n", plain(failure.sentence()));
        if let Some(hint) = self.hint(failure) {
            lines.push_str(&hint);
            lines.push('\n');
        }
        stderr::say(lines.as_bytes());
    }
}

/// Writes a line to stdout now. A reader that is gone is no error.
///
/// # Errors
/// When stdout can't be written to for another reason.
pub(crate) fn write_line(line: &str) -> Result<(), Failure> {
    write(&[line, "\n"]).map(drop)
}

/// Writes to stdout now; false where its reader is gone.
///
/// # Errors
/// When stdout can't be written to for another reason.
pub(crate) fn write(texts: &[&str]) -> Result<bool, Failure> {
    let mut stdout = io::stdout().lock();
    let written = texts.iter().try_for_each(|text| stdout.write_all(text.as_bytes())).and_then(|()| stdout.flush());
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::file("stdout", &error)),
    }
}
