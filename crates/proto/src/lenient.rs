//! Where the wire is known to vary: numbers that come as strings, strings that come as numbers, null or "" or nothing
//! where a value is absent. Every leniency of decoding has its name here, in `decode` (PHP's arrays) or in `broken_text`;
//! everything else is strict.
//!
//! What identifies or decides is read by [`text`], [`optional_text`], [`integer`] or [`optional_integer`], and is an error
//! where it is anything else, or broken. What decides nothing is [`free_text`] or [`free_integer`]: it fails nothing, and
//! is absent where it makes no sense.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};

use crate::InvalidRequest;

/// An integer, as a number or as decimal digits in a string. A number with a fraction or an exponent is none.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    scalar(deserializer)?.integer().ok_or_else(|| unexpected("an integer"))
}

/// An integer that may be absent: null, "" and a missing field are the same.
#[cfg(feature = "weiting")]
pub(crate) fn optional_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match scalar(deserializer)? {
        Scalar::Absent => Ok(None),
        Scalar::Text(text) if text.is_empty() => Ok(None),
        scalar => scalar.integer().map(Some).ok_or_else(|| unexpected("an integer or null")),
    }
}

/// An integer that decides nothing: anything else is the same as a missing field.
pub(crate) fn free_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(scalar(deserializer)?.integer())
}

/// A text, as a string or as an integer.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let expected = "a string";
    decisive_text(deserializer, expected)?.ok_or_else(|| unexpected(expected))
}

/// A text that may be absent: null, "" and a missing field are the same.
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(decisive_text(deserializer, "a string or null")?.filter(|text| !text.is_empty()))
}

/// A text that decides nothing: null, "", and what is neither a string nor an integer are the same as a missing field.
pub(crate) fn free_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(scalar(deserializer)?.text().filter(|text| !text.is_empty()))
}

/// A text that decides nothing and may be empty, as it is where it is absent.
pub(crate) fn free_text_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(free_text(deserializer)?.unwrap_or_default())
}

/// The decoding error of a text that is no `name`, without the text.
pub(crate) fn refused_text<E: Error>(name: &str, error: &InvalidRequest) -> E {
    E::invalid_value(Unexpected::Other("text"), &format!("{name} ({})", error.problem()).as_str())
}

/// The decoding error of a value that is not what was `expected`, without the value.
pub(crate) fn unexpected<E: Error>(expected: &'static str) -> E {
    E::invalid_value(Unexpected::Other("value"), &expected)
}

/// A text that is as it was written: U+FFFD stands where it was broken, here or before it came.
fn decisive_text<'de, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
) -> Result<Option<String>, D::Error> {
    match scalar(deserializer)? {
        Scalar::Odd => Err(unexpected(expected)),
        Scalar::Text(text) if text.contains(char::REPLACEMENT_CHARACTER) => {
            Err(unexpected("text without a broken character"))
        }
        scalar => Ok(scalar.text()),
    }
}

/// A string, an integer, null, or anything else.
enum Scalar {
    Absent,
    Integer(i128),
    Text(String),
    Odd,
}

impl Scalar {
    fn integer(&self) -> Option<i64> {
        match self {
            Self::Absent | Self::Odd => None,
            Self::Integer(integer) => i64::try_from(*integer).ok(),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }

    fn text(self) -> Option<String> {
        match self {
            Self::Absent | Self::Odd => None,
            Self::Integer(integer) => Some(integer.to_string()),
            Self::Text(text) => Some(text),
        }
    }
}

fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scalar, D::Error> {
    deserializer.deserialize_any(ScalarVisitor)
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Scalar, E> {
        Ok(Scalar::Text(text))
    }

    fn visit_u64<E: Error>(self, integer: u64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(integer.into()))
    }

    fn visit_i64<E: Error>(self, integer: i64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(integer.into()))
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar::Absent)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Scalar, E> {
        Ok(Scalar::Odd)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Scalar, E> {
        Ok(Scalar::Odd)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Scalar, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Odd)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Odd)
    }
}
