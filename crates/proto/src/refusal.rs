//! A vendor's refusal: its code and message verbatim, and a kind for programs to match.

use std::fmt;

use crate::printable::printable;
use crate::{Operation, Undecodable, Vendor};

/// Error of a body that is not the expected answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The vendor refused. [`Refusal::kind`] says whether the same request may succeed later.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The body is neither an answer nor a refusal. The call may have had its effect.
    #[error(transparent)]
    Undecodable(#[from] Undecodable),
}

/// A vendor's refusal.
///
/// `Debug` and `Display` show the vendor's message without anything like a mobile number and without the
/// [hidden](Self::hiding) texts; [`message`](Self::message) has it verbatim.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    operation: &'static Operation,
    kind: RefusalKind,
    code: i64,
    message: String,
    cap: Option<Box<CapResponse>>,
    hidden: Vec<String>,
}

impl Refusal {
    /// Creates a refusal of `operation`, with the vendor's `code` and `message` verbatim.
    pub fn new(operation: &'static Operation, kind: RefusalKind, code: i64, message: impl Into<String>) -> Self {
        Self { operation, kind, code, message: message.into(), cap: None, hidden: Vec::new() }
    }

    #[cfg(feature = "weiting")]
    pub(crate) fn with_cap(mut self, cap: Option<CapResponse>) -> Self {
        self.cap = cap.map(Box::new);
        self
    }

    /// Hides these texts in the shown message: sent values that nobody else may read, should the vendor repeat them.
    #[must_use]
    pub fn hiding(mut self, mut texts: Vec<String>) -> Self {
        texts.retain(|text| !text.is_empty());
        self.hidden.append(&mut texts);
        self
    }

    /// Vendor that refused.
    pub fn vendor(&self) -> Vendor {
        self.operation.vendor
    }

    /// Operation that was refused.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Kind of the refusal, for a program to match.
    pub fn kind(&self) -> RefusalKind {
        self.kind
    }

    /// Code of the vendor: `status`, `errcode` or `flag` of 微厅, `code` of 粉丝万岁.
    pub fn code(&self) -> i64 {
        self.code
    }

    /// Message of the vendor, verbatim; empty where it gave none. It may repeat sent values, so log
    /// [`printable_message`](Self::printable_message) instead.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Message of the vendor as `Display` shows it.
    pub fn printable_message(&self) -> String {
        printable(&self.message, &self.hidden)
    }

    /// Response of the system behind 微厅's ticket desk, verbatim, if the vendor passed it on.
    pub fn cap(&self) -> Option<&CapResponse> {
        self.cap.as_deref()
    }

    /// Response of that system as `Display` shows it.
    pub fn printable_cap(&self) -> Option<CapResponse> {
        let shown = |text: &String| printable(text, &self.hidden);
        self.cap.as_ref().map(|cap| CapResponse {
            transaction_id: shown(&cap.transaction_id),
            code: shown(&cap.code),
            description: shown(&cap.description),
        })
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("operation", &format_args!("{}", self.operation))
            .field("kind", &self.kind)
            .field("code", &self.code)
            .field("message", &self.printable_message())
            .field("cap", &self.printable_cap())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with code {}", self.code)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.printable_message())?;
        }
        match self.printable_cap() {
            Some(cap) => write!(f, " ({cap})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

/// Response of the system behind 微厅's ticket desk, from `msg.CAPRoot.SessionHeader` (documented).
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CapResponse {
    /// `TransactionID`: the number by which the vendor's staff find the call.
    pub transaction_id: String,
    /// `RspCode`, such as `1992`.
    pub code: String,
    /// `RspDesc`: the description.
    pub description: String,
}

impl fmt::Display for CapResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [transaction, code, description] =
            [&self.transaction_id, &self.code, &self.description].map(|text| printable(text, &[]));
        write!(f, "transaction {transaction}, response {code}: {description}")
    }
}

impl fmt::Debug for CapResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CapResponse")
            .field("transaction_id", &printable(&self.transaction_id, &[]))
            .field("code", &printable(&self.code, &[]))
            .field("description", &printable(&self.description, &[]))
            .finish()
    }
}

/// Reason of a vendor's refusal, found by operation, code and message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalKind {
    /// 微厅 refused the `access_token` (documented at `mobile_by_ticket`, assumed everywhere).
    TokenRejected,
    /// 微厅 issued no `access_token`: wrong appid or secret, or the daily limit (assumed).
    TokenNotIssued,
    /// The OAuth code has expired (documented), or was used before (assumed).
    CodeExpired,
    /// The notice was not sent (documented, code 0).
    NoticeNotSent,
    /// The vendor's template message service failed (documented, code 40005).
    NoticeServiceFault,
    /// A login or order report was refused (documented); the message is the vendor's reason.
    ReportNotTaken,
    /// No ticket was given (documented).
    TicketMissing,
    /// The ticket leads to no mobile number (documented); [`Refusal::cap`] has the details.
    TicketUnknown,
    /// The vendor's interface failed and asks for a later try (documented).
    ServiceFault,

    /// No account of 粉丝万岁 matches this user now (documented, 50000): an ordinary outcome.
    NoMatch,
    /// The matched account's owner has no balance left (documented, 50001).
    BalanceEmpty,
    /// The vendor failed to make the QR code (documented, 50002).
    QrcodeNotMade,
    /// The `app_secret` is wrong (documented, 50003); or the `develop_appid` is missing or unknown, the secret was not
    /// yet created in the vendor's console, or the vendor can't read the body (observed).
    SecretRejected,
    /// The signature is wrong (documented, 50004), or it, the timestamp or the nonce is missing (observed).
    SignatureRejected,
    /// The nickname is empty (observed, 50000).
    NicknameMissing,
    /// The user's IP address is missing (observed, 50000).
    IpMissing,
    /// The user's IP address is malformed (observed, 50000).
    IpMalformed,
    /// The device key is missing (observed, 50000).
    KeyMissing,
    /// The user's `auth_open_id` is missing (observed, 50000).
    AuthOpenIdMissing,
    /// The timestamp is empty, and was signed so (observed, 50000).
    TimestampMissing,
    /// The nonce is empty, and was signed so (observed, 50000).
    NonceMissing,
    /// The signature is missing: a validator's message (observed, 50000); 50004 comes first.
    SignatureMissing,
    /// The `develop_appid` is missing: a validator's message (observed, 50000); 50003 comes first.
    DevelopAppidMissing,

    /// A code or message that neither the documents nor an observation explain.
    Unexplained,
}

impl RefusalKind {
    /// Advice in one sentence: the caller's next step.
    pub fn advice(self) -> &'static str {
        match self {
            Self::TokenRejected => {
                "let all programs of this appid share one token store: when one program fetches a token, the vendor \
                 may invalidate the token of another"
            }
            Self::TokenNotIssued => {
                "check appid and secret, and whether the vendor's daily limit of token fetches is used up"
            }
            Self::CodeExpired => {
                "a code is valid once and only for a short time: send the user to the consent page again \
                 (authorize-url)"
            }
            Self::NoticeNotSent => "check that the openid is right, and that the user still follows the account",
            Self::NoticeServiceFault => "the vendor's push service failed: send the notice again later",
            Self::ReportNotTaken => "correct the value that the vendor's message names, and report again",
            Self::TicketMissing => "pass the ticket with which the app opened your page",
            Self::TicketUnknown => {
                "let the user open your page from the app again: the app passes a new ticket each time"
            }
            Self::ServiceFault => "the vendor's service failed: call again later",
            Self::NoMatch => "fall back to payment, or request a QR code for another user or at another time",
            Self::BalanceEmpty => "fall back to payment, or request a QR code later: another account may match",
            Self::QrcodeNotMade => "request a QR code again; if the error persists, fall back to payment",
            Self::SecretRejected => {
                "compare develop_appid and app_secret with the vendor's console (开发权限 → 基本配置)"
            }
            Self::SignatureRejected => {
                "compare app_secret with the vendor's console, and check that no proxy changes the request"
            }
            Self::NicknameMissing => "pass the user's WeChat nickname",
            Self::IpMissing | Self::IpMalformed => "pass the user's own IP address, not the address of a proxy",
            Self::KeyMissing => "pass the key of the device in front of the user",
            Self::AuthOpenIdMissing => "pass the user's openid of your own account",
            Self::TimestampMissing | Self::NonceMissing | Self::SignatureMissing | Self::DevelopAppidMissing => {
                "each call sends this parameter: check whether a proxy removes it, or set another encoding"
            }
            Self::Unexplained => {
                "no document explains this code: ask the vendor; give the code, the message and the time"
            }
        }
    }

    /// Returns true where the same request may well succeed later, unchanged.
    pub fn is_temporary(self) -> bool {
        matches!(
            self,
            Self::NoticeServiceFault | Self::ServiceFault | Self::NoMatch | Self::BalanceEmpty | Self::QrcodeNotMade
        )
    }
}
