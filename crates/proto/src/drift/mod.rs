//! What an answer has that it is not documented to have, or lacks: found without failing anything, told without a value.

mod look;
mod place;

use std::fmt;

use serde::Deserializer;

use self::look::Look;
use self::place::Place;
use crate::bom::without_bom;
use crate::broken_text::repaired;
use crate::{Shape, Vendor};

/// How many differences of one body are told; what exceeds them is likely no answer at all.
const MOST: usize = 32;

/// A difference between an answer and what it is documented to look like. It fails nothing, and holds no value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Drift {
    /// The JSON path, such as `data.bidding`, with `[]` for any element of an array. Of a name that is no identifier no
    /// more than `?` is shown: it may be anything.
    pub path: String,
    /// What is different there.
    pub kind: DriftKind,
}

/// What is different from the documented answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DriftKind {
    /// A field that nothing documents.
    UnknownField {
        /// What stands in it.
        seen: JsonType,
    },
    /// A value of another type than documented. Where it can be read all the same, it was: a number in a string, say.
    OtherType {
        /// What stands there.
        seen: JsonType,
    },
    /// A field that is documented and not there, or null or empty.
    MissingField,
    /// A text with U+FFFD in the place of characters: it was broken on its way, here or before it came.
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

/// The types of JSON values.
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

/// Is told when a vendor's answers or pushes differ from what they are documented to look like.
pub trait DriftObserver: fmt::Debug + Send + Sync {
    /// `operation` of `vendor` (a push is `push`) brought an answer with this difference. It is told at each answer
    /// anew, on the task of the call: what takes long belongs elsewhere.
    fn drifted(&self, vendor: Vendor, operation: &'static str, drift: &Drift);
}

impl Shape {
    /// The differences between a document and this shape, each once, 32 at most. A body that is no JSON has none.
    pub fn drifts(&self, body: &[u8]) -> Vec<Drift> {
        let body = without_bom(body);
        self.walked(&mut serde_json::Deserializer::from_slice(body)).unwrap_or_else(|found| {
            let repaired = repaired(body).map(|text| self.walked(&mut serde_json::Deserializer::from_str(&text)));
            // A document that breaks off is the decoder's to refuse.
            repaired.map_or(found, |walked| walked.unwrap_or_else(|found| found))
        })
    }

    #[cfg(feature = "fensi")]
    pub(crate) fn drifts_of_form<'de>(&self, form: impl Deserializer<'de>) -> Vec<Drift> {
        self.walked(form).unwrap_or_else(|found| found)
    }

    /// # Errors
    /// What was found before the document broke off.
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
