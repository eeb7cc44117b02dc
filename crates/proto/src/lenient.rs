//! Decoders for values whose form is known to vary: numbers that come as strings, strings that come as numbers, and
//! null, "" or nothing for an absent value. Every leniency has its name here, in `decode` (PHP's arrays) or in
//! `broken_text`; everything else is strict.
//!
//! A value that identifies or decides is read by [`text`], [`optional_text`], [`integer`] or [`optional_integer`]: any
//! other type, or broken text, is an error. A value that decides nothing is read by [`free_text`] or
//! [`free_integer`]: it never fails, and counts as absent where it makes no sense.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};

use crate::InvalidRequest;

/// Reads an integer, from a number or from decimal digits in a string. A number with a fraction or an exponent fails.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    scalar(deserializer)?.integer().ok_or_else(|| unexpected("an integer"))
}

/// Reads an optional integer: null, "" and a missing field are the same.
#[cfg(feature = "weiting")]
pub(crate) fn optional_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match scalar(deserializer)? {
        Scalar::Absent => Ok(None),
        Scalar::Text(text) if text.is_empty() => Ok(None),
        scalar => scalar.integer().map(Some).ok_or_else(|| unexpected("an integer or null")),
    }
}

/// Reads an integer that decides nothing: any other value is the same as a missing field.
pub(crate) fn free_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(scalar(deserializer)?.integer())
}

/// Reads a text, from a string or an integer.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let expected = "a string";
    decisive_text(deserializer, expected)?.ok_or_else(|| unexpected(expected))
}

/// Reads an optional text: null, "" and a missing field are the same.
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(decisive_text(deserializer, "a string or null")?.filter(|text| !text.is_empty()))
}

/// Reads a text that decides nothing: null, "", and any value that is neither a string nor an integer count as
/// missing.
pub(crate) fn free_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(scalar(deserializer)?.text().filter(|text| !text.is_empty()))
}

/// Reads a text that decides nothing; it is empty where it is absent.
pub(crate) fn free_text_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(free_text(deserializer)?.unwrap_or_default())
}

/// Creates the decoding error of a text that is no `name`, without the text.
pub(crate) fn refused_text<E: Error>(name: &str, error: &InvalidRequest) -> E {
    E::invalid_value(Unexpected::Other("text"), &format!("{name} ({})", error.problem()).as_str())
}

/// Creates the decoding error of a value that is not `expected`, without the value.
pub(crate) fn unexpected<E: Error>(expected: &'static str) -> E {
    E::invalid_value(Unexpected::Other("value"), &expected)
}

/// Reads an unbroken text: U+FFFD marks a broken character, here or before it arrived.
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
