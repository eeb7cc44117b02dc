//! Types for the values of 粉丝万岁 that must not be confused.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::{check, identifier, not_blank, text_type, without_control};
use crate::{InvalidRequest, lenient};

/// Largest number of characters of a text that a database finds bookings and events by. PostgreSQL indexes two of them
/// together in 2704 bytes.
const LONGEST: usize = 255;

/// Largest number of characters of a `state`, so that its push stays far below 64 KiB in any encoding.
const LONGEST_STATE: usize = 1024;

text_type! {
    /// A user of the partner's own WeChat account: `auth_open_id`. In the followed account the user has another
    /// `openid`.
    AuthOpenId, "auth_open_id", identifier, shown
}

text_type! {
    /// The text that a user must send to the account after following it: the `code` inside `data`. The `code` outside
    /// is the return code.
    VerificationCode, "code", not_blank, redacted
}

text_type! {
    /// The shop's own text for a QR code, such as an order's or a machine's number: up to 200 characters. It is not
    /// sent to the vendor, but kept with the code's booking and repeated in the event.
    Reference, "reference", short_line, redacted
}

/// Checks the name of a user, a device or an account of a QR code: up to 255 characters, without white space and
/// control characters. A push with another one is not stored as an event.
///
/// # Errors
/// [`InvalidRequest`] for `parameter` that says what the text must be.
pub fn check_identifier(parameter: &'static str, text: &str) -> Result<(), InvalidRequest> {
    check(parameter, text, identifier)?;
    check(parameter, text, short)
}

/// Checks the `state` of a QR code: up to 1024 characters, without control characters and without white space at an
/// end that the vendor would trim.
///
/// # Errors
/// [`InvalidRequest`] for `parameter` that says what the text must be.
pub fn check_state(parameter: &'static str, text: &str) -> Result<(), InvalidRequest> {
    InvalidRequest::unless_trimmed(parameter, text)?;
    check(parameter, text, without_control)?;
    check(parameter, text, |text| match text.chars().nth(LONGEST_STATE) {
        Some(_) => Err("must not be longer than 1024 characters"),
        None => Ok(()),
    })
}

/// Accepts a text of up to 255 characters.
fn short(text: &str) -> Result<(), &'static str> {
    match text.chars().nth(LONGEST) {
        Some(_) => Err("must not be longer than 255 characters"),
        None => Ok(()),
    }
}

fn short_line(text: &str) -> Result<(), &'static str> {
    if text.chars().nth(200).is_some() {
        return Err("must not be longer than 200 characters");
    }
    not_blank(text).and_then(|()| without_control(text))
}

/// An amount of money in fen (分), a hundredth of a yuan. It is always an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Fen(pub u64);

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fen", self.0)
    }
}

impl<'de> Deserialize<'de> for Fen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        natural(deserializer, "an amount in fen").map(Self)
    }
}

/// The number of a scene (场景), such as 1 for 学校.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SceneId(pub u32);

impl<'de> Deserialize<'de> for SceneId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        natural(deserializer, "a scene's number").map(Self)
    }
}

impl fmt::Display for SceneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for SceneId {
    type Err = InvalidRequest;

    fn from_str(text: &str) -> Result<Self, InvalidRequest> {
        text.parse().map(Self).map_err(|_| InvalidRequest::new("label", "must be a scene's number"))
    }
}

/// The number of a city, such as 1 for 北京市.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CityId(pub u32);

impl<'de> Deserialize<'de> for CityId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        natural(deserializer, "a city's number").map(Self)
    }
}

impl fmt::Display for CityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn natural<'de, N: TryFrom<i64>, D: Deserializer<'de>>(deserializer: D, expected: &'static str) -> Result<N, D::Error> {
    N::try_from(lenient::integer(deserializer)?).map_err(|_| lenient::unexpected(expected))
}

/// Sex of the users that an account wants to attract (documented: 0, 1, 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sex {
    /// 不限: any.
    #[default]
    Any,
    /// 男粉.
    Male,
    /// 女粉.
    Female,
}

impl Sex {
    /// Returns its number on the wire.
    pub const fn number(self) -> i64 {
        match self {
            Self::Any => 0,
            Self::Male => 1,
            Self::Female => 2,
        }
    }
}

impl FromStr for Sex {
    type Err = InvalidRequest;

    /// Reads the wire's number or the English word.
    fn from_str(text: &str) -> Result<Self, InvalidRequest> {
        match text {
            "0" | "any" => Ok(Self::Any),
            "1" | "male" => Ok(Self::Male),
            "2" | "female" => Ok(Self::Female),
            _ => Err(InvalidRequest::new("sex", "must be 0 (any), 1 (male) or 2 (female)")),
        }
    }
}

impl Serialize for Sex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.number())
    }
}
