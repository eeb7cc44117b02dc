//! Types for the texts of 微厅 that must not be confused.

use crate::text::{identifier, not_blank, text_type, without_control};

text_type! {
    /// A user of 微厅's WeChat account: `openid` (documented).
    Openid, "openid", identifier, shown
}

text_type! {
    /// The code that WeChat's consent page adds to the callback: opaque, works once (assumed).
    Code, "code", identifier, redacted
}

text_type! {
    /// The ticket that 微厅's app adds to a page's URL: opaque, works once (assumed).
    Ticket, "ticket", identifier, redacted
}

text_type! {
    /// Number of a device (documented: not empty): a mobile number, a landline, or the name of a broadband line, which
    /// has letters.
    DeviceNo, "deviceno", device_number, redacted
}

text_type! {
    /// A mobile number: 5 to 15 digits, with or without a leading `+` (assumed; the documented ones have 11 digits).
    Mobile, "mobile", mobile_number, redacted
}

impl DeviceNo {
    /// Creates a number from the vendor's text without a check.
    pub(super) fn of_vendor(text: String) -> Self {
        Self(text)
    }
}

fn device_number(text: &str) -> Result<(), &'static str> {
    not_blank(text)?;
    without_control(text)
}

fn mobile_number(text: &str) -> Result<(), &'static str> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if (5..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err("must be a mobile number: 5 to 15 digits")
}
