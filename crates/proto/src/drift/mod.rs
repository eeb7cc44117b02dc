//! Differences between an answer and its documentation. They fail nothing and hold no value.

mod look;
mod place;

use std::fmt;

use serde::Deserializer;

use self::look::Look;
use self::place::Place;
use crate::bom::without_bom;
use crate::broken_text::repaired;
use crate::{Shape, Vendor};

/// Maximum number of differences reported for a body; one with more is likely no answer at all.
const MOST: usize = 32;

/// A difference between an answer and its documented shape. It fails nothing, and holds no value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Drift {
    /// The JSON path, such as `data.bidding`, with `[]` for any element of an array. A name that is no identifier is
    /// shown as `?`: it may hold anything.
    pub path: String,
    /// Kind of the difference.
    pub kind: DriftKind,
}

/// Kind of a difference from the documented answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DriftKind {
    /// An undocumented field.
    UnknownField {
        /// Type of its value.
        seen: JsonType,
    },
    /// A value of another type than documented. It was read where it could be, such as a number in a string.
    OtherType {
        /// Type of the value.
        seen: JsonType,
    },
    /// A documented field that is missing, null or empty.
    MissingField,
    /// A text with U+FFFD in place of characters: it was broken, here or before it arrived.
    BrokenText,
}

impl fmt::Display for DriftKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownField { seen } => write!(f, "an unknown field with {seen}"),
            Self::OtherType { seen } => write!(f, "{seen} of another type than documented"),
            Self::MissingField => f.write_str("a documented field is missing"),
            Self::BrokenText => f.write_str("a text with broken characters"),
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: {}", self.path, self.kind)
    }
}

/// Type of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JsonType {
    /// null.
    Null,
    /// true or false.
    Boolean,
    /// A number without fraction and exponent.
    Integer,
    /// A number with a fraction or an exponent, or an integer beyond 64 bits.
    Float,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Float => "a float",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

/// Observer of differences between a vendor's answers or pushes and their documentation.
pub trait DriftObserver: fmt::Debug + Send + Sync {
    /// Reports a difference in an answer of `operation` of `vendor`; for a push, `operation` is `push`. It is called
    /// for every answer, on the call's task, so it must not take long.
    fn drifted(&self, vendor: Vendor, operation: &'static str, drift: &Drift);
}

impl Shape {
    /// Returns the differences between a document and this shape: each once, 32 at most; none if it is no JSON.
    pub fn drifts(&self, body: &[u8]) -> Vec<Drift> {
        let body = without_bom(body);
        self.walked(&mut serde_json::Deserializer::from_slice(body)).unwrap_or_else(|found| {
            let repaired = repaired(body).map(|text| self.walked(&mut serde_json::Deserializer::from_str(&text)));
            // The decoder refuses a document that ends early.
            repaired.map_or(found, |walked| walked.unwrap_or_else(|found| found))
        })
    }

    #[cfg(feature = "fensi")]
    pub(crate) fn drifts_of_form<'de>(&self, form: impl Deserializer<'de>) -> Vec<Drift> {
        self.walked(form).unwrap_or_else(|found| found)
    }

    /// # Errors
    /// The differences found before the document ended early.
    fn walked<'de>(&self, document: impl Deserializer<'de>) -> Result<Vec<Drift>, Vec<Drift>> {
        let mut found = Vec::new();
        match Look::at(self, Place::Root, &mut found).into(document) {
            Ok(_) => Ok(found),
            Err(_) => Err(found),
        }
    }
}

fn note(found: &mut Vec<Drift>, place: Place<'_>, kind: DriftKind) {
    if found.len() == MOST {
        return;
    }
    let drift = Drift { path: place.to_string(), kind };
    if !found.contains(&drift) {
        found.push(drift);
    }
}
