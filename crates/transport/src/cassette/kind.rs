//! Kinds of values, and the placeholders of each. A placeholder is always of its own kind.

use std::net::IpAddr;

use super::allowed::Allowed;

/// Kind of a text. A placeholder has the same kind as the text that it replaces.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A parameter's or a JSON member's name.
    Name,
    /// An absolute http or https URL. An allowed fragment is kept; of any other, only that there is one.
    Url {
        is_https: bool,
        fragment: Option<String>,
    },
    /// A URL's path.
    Path,
    Ipv4,
    Ipv6,
    Date,
    /// A date with a time, behind a `T` or a space.
    Moment {
        separator: char,
        fraction: usize,
        has_zone: bool,
    },
    /// Digits, with a sign, hyphens or points among them; `shape` has a `0` for each digit.
    Digits {
        shape: String,
        begins_with_zero: bool,
    },
    /// A JSON number that is no integer.
    Fraction,
    Text,
}

impl Kind {
    pub(super) fn of(text: &str, allowed: &Allowed) -> Self {
        if let Some(url) = url(text, allowed) {
            return url;
        }
        if text.starts_with('/') && text.chars().all(|c| c.is_ascii_graphic()) {
            return Self::Path;
        }
        match text.parse() {
            Ok(IpAddr::V4(_)) => return Self::Ipv4,
            Ok(IpAddr::V6(_)) => return Self::Ipv6,
            Err(_) => {}
        }
        time(text).or_else(|| digits(text)).unwrap_or(Self::Text)
    }

    /// Returns the `n`th placeholder of this kind, counted from 0. Placeholders of one kind are distinct until all
    /// that the kind can have are used up.
    pub(super) fn placeholder(&self, n: u64) -> String {
        let number = n + 1;
        match self {
            Self::Name => format!("name-{number}"),
            Self::Url { is_https, fragment } => {
                let scheme = if *is_https { "https" } else { "http" };
                let fragment = fragment.as_deref().unwrap_or_default();
                format!("{scheme}://placeholder.invalid/{number}{fragment}")
            }
            Self::Path => format!("/path-{number}"),
            // 198.18.0.0/15 and 2001:db8::/32 belong to nobody.
            Self::Ipv4 => format!("198.{}.{}.{}", 18 + (number >> 16) % 2, (number >> 8) % 256, number % 256),
            Self::Ipv6 => format!("2001:db8::{:x}", number % 0x1_0000),
            Self::Date => date(n),
            Self::Moment { separator, fraction, has_zone } => {
                let fraction = if *fraction == 0 { String::new() } else { format!(".{:0<fraction$}", "") };
                let zone = if *has_zone { "Z" } else { "" };
                format!("{}{separator}00:00:00{fraction}{zone}", date(n))
            }
            Self::Digits { shape, begins_with_zero } => {
                let mut digits = nth_digits(shape.matches('0').count(), *begins_with_zero, number).into_iter();
                shape.chars().map(|c| if c == '0' { digits.next().unwrap_or('0') } else { c }).collect()
            }
            Self::Fraction => format!("{number}.5"),
            Self::Text => format!("text-{number}"),
        }
    }
}

fn url(text: &str, allowed: &Allowed) -> Option<Kind> {
    let (scheme, rest) = text.split_once("://")?;
    let is_https = scheme.eq_ignore_ascii_case("https");
    let is_web = is_https || scheme.eq_ignore_ascii_case("http");
    if !is_web || rest.is_empty() || rest.starts_with(['/', '?', '#']) || rest.chars().any(char::is_whitespace) {
        return None;
    }
    let fragment = rest.find('#').map(|at| &rest[at..]);
    let fragment = fragment.map(|text| if allowed.keeps_everywhere(text) { text } else { "#fragment" }.to_owned());
    Some(Kind::Url { is_https, fragment })
}

/// Reads a date or a date with a time: `2016-05-27`, `2016-05-27 11:04:36`, `2016-09-28T05:16:00.804Z`.
fn time(text: &str) -> Option<Kind> {
    let (date, rest) = text.split_at_checked(10)?;
    if !is_date(date) {
        return None;
    }
    if rest.is_empty() {
        return Some(Kind::Date);
    }
    let separator = rest.chars().next().filter(|c| ['T', ' '].contains(c))?;
    let (time, rest) = rest[1..].split_at_checked(8)?;
    if shape(time) != "00:00:00" || part(time, 0) > 23 || part(time, 3) > 59 || part(time, 6) > 59 {
        return None;
    }
    let zone_at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (fraction, zone) = rest.split_at(zone_at);
    let fraction = match fraction.strip_prefix('.') {
        None if fraction.is_empty() => 0,
        Some(digits) if (1..=9).contains(&digits.len()) && is_digits(digits) => digits.len(),
        _ => return None,
    };
    let is_zone = zone.is_empty() || zone == "Z" || shape(&zone[1..]) == "00:00";
    is_zone.then_some(Kind::Moment { separator, fraction, has_zone: !zone.is_empty() })
}

fn is_date(text: &str) -> bool {
    if shape(text) != "0000-00-00" {
        return false;
    }
    let year = part(text, 0) * 100 + part(text, 2);
    let days = match part(text, 5) {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&part(text, 8))
}

/// Returns the number of the two digits at `at`.
fn part(text: &str, at: usize) -> u32 {
    text.get(at..at + 2).and_then(|digits| digits.parse().ok()).unwrap_or(u32::MAX)
}

fn digits(text: &str) -> Option<Kind> {
    let first = text.chars().find(char::is_ascii_digit)?;
    if !text.chars().all(|c| c.is_ascii_digit() || "+-.".contains(c)) {
        return None;
    }
    let shape = shape(text);
    let begins_with_zero = first == '0' && shape.matches('0').count() > 1;
    Some(Kind::Digits { shape, begins_with_zero })
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the text with each digit replaced by `0`.
fn shape(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

/// Returns the `n`th day from 2001-01-01; each month has 28 days, so that every one exists.
fn date(n: u64) -> String {
    format!("{:04}-{:02}-{:02}", 2001 + n / 336 % 7000, 1 + n % 336 / 28, 1 + n % 28)
}

/// Returns the `number`th text of `count` digits; `begins_with_zero` says whether its first digit is 0.
fn nth_digits(count: usize, begins_with_zero: bool, number: u64) -> Vec<char> {
    let power = |exponent: usize| u32::try_from(exponent).ok().and_then(|exponent| 10_u64.checked_pow(exponent));
    let digits = match (count, begins_with_zero, power(count.saturating_sub(1))) {
        (1, _, _) => (number % 10).to_string(),
        (_, true, Some(below)) => format!("{:0>count$}", number % below),
        (_, false, Some(least)) if count < 19 => (least + number % (9 * least)).to_string(),
        (_, true, _) => format!("{number:0>count$}"),
        (_, false, _) => format!("1{number:0>0$}", count - 1),
    };
    digits.chars().collect()
}
