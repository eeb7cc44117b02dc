//! Where the wire is known to vary: numbers that come as strings, strings that come as numbers, null or "" or nothing
//! where a value is absent. Every leniency of decoding has its name here; everything else is strict.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, Unexpected, Visitor};

use crate::InvalidRequest;

/// An integer, as a number or as decimal digits in a string. A number with a fraction or an exponent is none.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let expected = "an integer";
    scalar(deserializer, expected)?.integer().ok_or_else(|| unexpected(expected))
}

/// An integer that may be absent: null, "" and a missing field are the same.
pub(crate) fn optional_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let expected = "an integer or null";
    let scalar = scalar(deserializer, expected)?;
    if scalar.is_absent() {
        return Ok(None);
    }
    scalar.integer().map(Some).ok_or_else(|| unexpected(expected))
}

/// A text, as a string or as an integer.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let expected = "a string";
    scalar(deserializer, expected)?.text().ok_or_else(|| unexpected(expected))
}

/// A text that may be absent: null, "" and a missing field are the same.
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(scalar(deserializer, "a string or null")?.text().filter(|text| !text.is_empty()))
}

/// The decoding error of a text that is no `name`, without the text.
pub(crate) fn refused_text<E: Error>(name: &str, error: &InvalidRequest) -> E {
    E::invalid_value(Unexpected::Other("text"), &format!("{name} ({})", error.problem()).as_str())
}

/// The decoding error of a value that is not what was `expected`, without the value.
pub(crate) fn unexpected<E: Error>(expected: &'static str) -> E {
    E::invalid_value(Unexpected::Other("value"), &expected)
}

/// A string, an integer, or null.
enum Scalar {
    Absent,
    Integer(i128),
    Text(String),
}

impl Scalar {
    fn is_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Integer(_) => false,
            Self::Text(text) => text.is_empty(),
        }
    }

    fn integer(&self) -> Option<i64> {
        match self {
            Self::Absent => None,
            Self::Integer(integer) => i64::try_from(*integer).ok(),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }

    fn text(self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Integer(integer) => Some(integer.to_string()),
            Self::Text(text) => Some(text),
        }
    }
}

fn scalar<'de, D: Deserializer<'de>>(deserializer: D, expected: &'static str) -> Result<Scalar, D::Error> {
    deserializer.deserialize_any(ScalarVisitor { expected })
}

struct ScalarVisitor {
    expected: &'static str,
}

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
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
}
