//! The texts of 微厅 that must not be mixed up.

use crate::text::{identifier, not_blank, text_type, without_control};

text_type! {
    /// A user as 微厅's WeChat account knows them: `openid` (documented).
    Openid, "openid", identifier, shown
}

text_type! {
    /// The code with which WeChat's consent page sends a user back: opaque, works once (assumed).
    Code, "code", identifier, redacted
}

text_type! {
    /// The ticket with which 微厅's app opens a page: opaque, works once (assumed).
    Ticket, "ticket", identifier, redacted
}

text_type! {
    /// A device's number (documented: not empty): a mobile number, a landline, or the name of a broadband line, with
    /// letters in it.
    DeviceNo, "deviceno", device_number, redacted
}

text_type! {
    /// A mobile number: 5 to 15 digits, with or without a leading `+` (assumed; the documented ones have 11 digits).
    Mobile, "mobile", mobile_number, redacted
}

impl DeviceNo {
    /// A number that the vendor gave: whatever it holds is a device's number.
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
