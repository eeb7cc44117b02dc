//! Compares a document with its shape, in one pass and without keeping any of it.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Drift, DriftKind, JsonType, Place, note};
use crate::{Field, Shape};

/// Comparison of one value with its shape.
pub(super) struct Look<'a> {
    shape: &'a Shape,
    place: Place<'a>,
    found: &'a mut Vec<Drift>,
}

/// Type of a value that was read, and whether it was empty.
pub(super) struct Seen {
    kind: JsonType,
    is_empty: bool,
}

impl<'a> Look<'a> {
    pub(super) fn at(shape: &'a Shape, place: Place<'a>, found: &'a mut Vec<Drift>) -> Self {
        Self { shape, place, found }
    }

    /// # Errors
    /// When the document ends early or is malformed.
    pub(super) fn into<'de, D: Deserializer<'de>>(self, document: D) -> Result<Seen, D::Error> {
        document.deserialize_any(self)
    }

    fn scalar(self, kind: JsonType, is_empty: bool) -> Seen {
        let fits = match self.shape {
            Shape::Any => true,
            Shape::Text | Shape::TextLike(_) => kind == JsonType::String,
            Shape::Integer => kind == JsonType::Integer,
            Shape::TextOrInteger => matches!(kind, JsonType::String | JsonType::Integer),
            Shape::Array(_) | Shape::Object(_) => false,
        };
        self.seen(kind, is_empty, fits)
    }

    /// Handles an array or object where another shape is documented. PHP writes an empty one as the other.
    fn container(self, kind: JsonType, is_empty: bool) -> Seen {
        let fits = matches!(self.shape, Shape::Any);
        let is_empty = is_empty && matches!(self.shape, Shape::Any | Shape::Array(_) | Shape::Object(_));
        self.seen(kind, is_empty, fits)
    }

    fn seen(self, kind: JsonType, is_empty: bool, fits: bool) -> Seen {
        // An empty value means that its field is missing, unless it may be; an element of an array is no field.
        let is_missing = is_empty && matches!(self.place, Place::Field(..));
        if !fits && !is_missing {
            note(self.found, self.place, DriftKind::OtherType { seen: kind });
        }
        Seen { kind, is_empty }
    }
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = Seen;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Seen, D::Error> {
        self.into(deserializer)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Seen, E> {
        Ok(self.scalar(JsonType::Boolean, false))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Seen, E> {
        Ok(self.scalar(JsonType::Integer, false))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Seen, E> {
        Ok(self.scalar(JsonType::Integer, false))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Seen, E> {
        Ok(self.scalar(JsonType::Float, false))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Seen, E> {
        if text.contains(char::REPLACEMENT_CHARACTER) {
            note(self.found, self.place, DriftKind::BrokenText);
        } else if matches!(self.shape, Shape::TextLike(is_written) if !text.is_empty() && !is_written(text)) {
            return Ok(self.seen(JsonType::String, false, false));
        }
        Ok(self.scalar(JsonType::String, text.is_empty()))
    }

    fn visit_unit<E: Error>(self) -> Result<Seen, E> {
        Ok(self.scalar(JsonType::Null, true))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Seen, A::Error> {
        if let Shape::Array(shape) = self.shape {
            while elements.next_element_seed(Look::at(shape, Place::Element(&self.place), self.found))?.is_some() {}
            return Ok(Seen { kind: JsonType::Array, is_empty: false });
        }
        let mut is_empty = true;
        while elements.next_element::<IgnoredAny>()?.is_some() {
            is_empty = false;
        }
        Ok(self.container(JsonType::Array, is_empty))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Seen, A::Error> {
        let Shape::Object(fields) = self.shape else {
            let mut is_empty = true;
            while map.next_key::<IgnoredAny>()?.is_some() {
                is_empty = false;
                if let Shape::Array(shape) = self.shape {
                    // PHP's array.
                    map.next_value_seed(Look::at(shape, Place::Element(&self.place), self.found))?;
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            return Ok(self.container(JsonType::Object, is_empty));
        };
        let mut there = vec![false; fields.len()];
        while let Some(name) = map.next_key_seed(Name(fields))? {
            match name {
                Ok(at) => {
                    let place = Place::Field(&self.place, fields[at].name);
                    let seen = map.next_value_seed(Look::at(&fields[at].shape, place, self.found))?;
                    there[at] |= !seen.is_empty;
                }
                Err(name) => {
                    let place = Place::Field(&self.place, &name);
                    let seen = map.next_value_seed(Look::at(&Shape::Any, place, self.found))?;
                    note(self.found, place, DriftKind::UnknownField { seen: seen.kind });
                }
            }
        }
        for (field, there) in fields.iter().zip(there) {
            if !there && !field.may_be_absent {
                note(self.found, Place::Field(&self.place, field.name), DriftKind::MissingField);
            }
        }
        Ok(Seen { kind: JsonType::Object, is_empty: false })
    }
}

/// Seed that reads a field's name: as the index of a known one, or as the unknown name.
struct Name(&'static [Field]);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Result<usize, String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Result<usize, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|field| field.name == name).ok_or_else(|| name.to_owned()))
    }
}
