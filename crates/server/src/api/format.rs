//! Formats of texts: what a schema's `format` demands, so that a text is checked together with all other fields.

use std::net::IpAddr;

use jiff::civil::Date;
use weifen::fensi::{Reference, check_state};
use weifen::proto::InvalidRequest;
use weifen::weiting::{DeviceNo, Openid};

use super::page;
use super::times::moment;

/// Returns what a text of this format must be, where it is something else.
pub(super) fn problem(format: &str, text: &str) -> Option<&'static str> {
    match format {
        "date-time" if moment(text).is_none() && text.contains(' ') => {
            Some("expected a time, such as 2026-01-31T08:00:00Z; in a query write + as %2B")
        }
        "date-time" if moment(text).is_none() => Some("expected a time, such as 2026-01-31T08:00:00Z"),
        "cursor" if page::number(text).is_none() => Some("expected a next_cursor"),
        "not-blank" if text.trim().is_empty() => Some("must not be blank"),
        "date" => day(text).err(),
        "ip" => ip(text).err(),
        "id" => of(Openid::new(text)),
        "deviceno" => of(DeviceNo::new(text)),
        "reference" => of(Reference::new(text)),
        "state" => of(check_state("state", text)),
        _ => None,
    }
}

fn of<T>(checked: Result<T, InvalidRequest>) -> Option<&'static str> {
    checked.err().map(|error| error.problem())
}

/// Reads a text of the format `date`.
pub(super) fn day(text: &str) -> Result<Date, &'static str> {
    Date::strptime("%Y-%m-%d", text).map_err(|_| "must be a day such as 2016-05-27")
}

/// Reads a text of the format `ip`.
pub(super) fn ip(text: &str) -> Result<IpAddr, &'static str> {
    text.parse().map_err(|_| "must be an IPv4 or IPv6 address")
}
