//! The failure of a command, for programs and for people, and the one table of exit codes.

use std::error::Error;
use std::io;

use serde::Serialize;
use weifen::SetupError;
use weifen::config::{ConfigError, Origin};
use weifen::inbox::{BackupError, OpenError};
use weifen::proto::{Endpoint, InvalidRequest, Vendor};
use weifen::transport::{CallError, CallReport, ErrorKind, StoreError, StoreErrorKind, in_words};
use weifen_server::StartError;

use crate::{secret_advice, shell};

/// A command's failure.
#[derive(Debug)]
pub(crate) struct Failure(Box<Told>);

#[derive(Debug)]
struct Told {
    kind: Kind,
    report: ErrorReport,
    /// The sentence for people, if it says more than `message`.
    sentence: Option<String>,
    /// The hint for people, if the sentence holds the rest of the report's hint.
    hint: Option<String>,
    /// True where stdout holds the beginning of another document already.
    is_late: bool,
}

/// The JSON form of a failure: fields that do not apply are left out.
#[derive(Debug, Default, Serialize)]
struct ErrorReport {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    /// The vendor's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retryable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// The hint for a store that is unavailable, locked or full.
const STORE_HINT: &str = "run the command again when the store is available; `weifen doctor` checks the store";

/// The kind of failure, which decides the exit code.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Internal,
    Usage,
    Config,
    Call(ErrorKind),
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Usage => "usage",
            Self::Config => ErrorKind::Config.as_str(),
            Self::Call(kind) => kind.as_str(),
        }
    }

    fn exit_code(self) -> u8 {
        match self {
            Self::Usage | Self::Call(ErrorKind::InvalidRequest) => 2,
            Self::Config | Self::Call(ErrorKind::Config) => 3,
            Self::Call(ErrorKind::Refused) => 4,
            Self::Call(ErrorKind::Store | ErrorKind::NotDelivered | ErrorKind::NoReply) => 5,
            Self::Call(ErrorKind::Undecodable) => 6,
            Self::Call(ErrorKind::UnknownOutcome) => 7,
            Self::Internal | Self::Call(_) => 1,
        }
    }
}

impl Failure {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        let report = ErrorReport { kind: kind.name(), message: message.into(), ..ErrorReport::default() };
        Self(Box::new(Told { kind, report, sentence: None, hint: None, is_late: false }))
    }

    /// A bug of weifen.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message)
    }

    /// The command is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// A value of the request `E` is wrong.
    pub(crate) fn invalid<E: Endpoint>(error: InvalidRequest) -> Self {
        CallError::new(const { &E::OPERATION }, error).into()
    }

    /// The configuration, a file or a port can't be used.
    pub(crate) fn config(error: &dyn Error) -> Self {
        Self::new(Kind::Config, in_words(error))
    }

    /// The configuration can't be used for this command.
    pub(crate) fn config_in_words(problem: impl Into<String>) -> Self {
        Self::new(Kind::Config, problem)
    }

    /// A file or a stream can't be read or written.
    pub(crate) fn file(name: &str, error: &io::Error) -> Self {
        Self::new(Kind::Config, format!("{name}: {error}"))
    }

    /// A store failed.
    fn of_store(kind: StoreErrorKind, error: &dyn Error) -> Self {
        let kind = ErrorKind::from(kind);
        let mut failure = Self::new(Kind::Call(kind), in_words(error));
        if kind == ErrorKind::Store {
            failure.0.report.retryable = Some(true);
            failure.0.report.hint = Some(STORE_HINT.to_owned());
        }
        failure
    }

    /// A request other than a vendor's operation failed.
    pub(crate) fn of_request(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::new(Kind::Call(kind), message)
    }

    /// A given body is no `operation` of `vendor`.
    pub(crate) fn undecodable(vendor: Vendor, operation: &'static str, why: &dyn Error) -> Self {
        let message = format!("{vendor} {operation}: {}", in_words(why));
        let mut failure = Self::new(Kind::Call(ErrorKind::Undecodable), message);
        failure.0.report.vendor = Some(vendor.name());
        failure.0.report.operation = Some(operation);
        failure.0.report.retryable = Some(false);
        failure
    }

    /// Adds advice.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.report.hint = Some(hint.into());
        self
    }

    /// Marks a failure that came after a document was begun, which no other may follow.
    #[must_use]
    pub(crate) fn after_the_beginning(mut self) -> Self {
        self.0.is_late = true;
        self
    }

    /// Returns true where stdout holds the beginning of another document already.
    pub(crate) fn is_late(&self) -> bool {
        self.0.is_late
    }

    /// The value of `error` for programs.
    pub(crate) fn report(&self) -> &impl Serialize {
        &self.0.report
    }

    /// The sentence for people.
    pub(crate) fn sentence(&self) -> &str {
        self.0.sentence.as_deref().unwrap_or(&self.0.report.message)
    }

    /// The advice, unless the sentence holds it already.
    pub(crate) fn hint(&self) -> Option<&str> {
        let hint = self.0.hint.as_deref().or(self.0.report.hint.as_deref());
        hint.filter(|hint| !self.sentence().contains(hint))
    }

    /// The process's exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        self.0.kind.exit_code()
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let CallReport { vendor, operation, code, message, http_status, retryable, hint, .. } = error.report();
        let mut failure = Self::new(Kind::Call(error.kind()), message);
        let report = &mut failure.0.report;
        report.vendor = Some(vendor);
        report.operation = Some(operation);
        report.code = code;
        report.http_status = http_status;
        report.retryable = Some(retryable);
        report.hint = hint;
        // The sentence holds the message of the system behind the vendor, which is in the hint for programs.
        failure.0.hint = error.refusal().map(|no| error.hint().unwrap_or_else(|| no.kind().advice()).to_owned());
        failure.0.sentence = Some(in_words(&error));
        failure
    }
}

/// Keys that flags set, but for those that name files.
const FLAGS: [(&str, &str); 5] = [
    ("http.timeout_s", "--timeout"),
    ("serve.admin_listen", "--admin-listen"),
    ("serve.database", "--database"),
    ("serve.deliver_url", "--deliver-url"),
    ("serve.listen", "--listen"),
];

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let by_flag = matches!(error.origin(), Some(Origin::Program));
        let flag = FLAGS.iter().find(|(key, _)| by_flag && error.key() == Some(key));
        if let Some((_, flag)) = flag {
            return Self::usage(format!("{flag}: expected {}", error.expected()));
        }
        // Its own message holds its cause.
        let failure = Self::config_in_words(error.to_string());
        match secret_advice::advice(&error) {
            Some(advice) => failure.with_hint(advice),
            None => failure,
        }
    }
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::Config(error) => error.into(),
            error => Self::config(&error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::of_store(error.kind(), &error)
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Open(error) => error.into(),
            BackupError::Store(error) => error.into(),
            error => Self::of_store(error.kind(), &error),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let failure = Self::of_store(error.kind(), &error);
        match error {
            OpenError::NoFolder { folder, .. } => {
                failure.with_hint(format!("create it: mkdir -p {}", shell::word(&folder.display().to_string())))
            }
            OpenError::NoSuchFile(_) => failure.with_hint("set --database or serve.database to the right file"),
            OpenError::NotAFile { .. } => {
                failure.with_hint("move the file away, or set serve.database to another file")
            }
            OpenError::HardLinked { .. } => {
                failure.with_hint("end the programs that use the file; `find / -samefile FILE` lists its names")
            }
            OpenError::Served { .. } => failure.with_hint("stop that server first, or use another database"),
            _ => failure,
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Setup(error) => error.into(),
            StartError::Open(error) => error.into(),
            StartError::Listen { key, .. } => {
                Self::config(&error).with_hint(format!("give {key} another address, or port 0"))
            }
            error => Self::config(&error),
        }
    }
}
