//! Decodes a body into a typed value, or into an error that names the place and no value.

use std::collections::BTreeSet;
use std::fmt;
use std::iter;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use crate::Undecodable;
use crate::bom::without_bom;
use crate::broken_text::repaired;
use crate::lenient;

/// Decodes a JSON document. A byte order mark is skipped, and broken text is [`repaired`].
#[cfg(feature = "fensi")]
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Undecodable> {
    json_or(body, |_| None)
}

/// Decodes a JSON document as [`json`] does. If it is no `T`, `otherwise` may return another error for it.
pub(crate) fn json_or<T: DeserializeOwned, E: From<Undecodable>>(
    body: &[u8],
    otherwise: impl FnOnce(&str) -> Option<E>,
) -> Result<T, E> {
    let body = without_bom(body);
    let came = match std::str::from_utf8(body).ok().map(decoded) {
        Some(Ok(value)) => return Ok(value),
        other => other.and_then(Result::err),
    };
    let repaired = repaired(body);
    let mended = match repaired.as_deref().map(decoded) {
        Some(Ok(value)) => return Ok(value),
        other => other.and_then(Result::err),
    };
    let Some(failed) = mended.as_ref().or(came.as_ref()) else {
        return Err(Undecodable::NotUtf8 { looks_like_gbk: true }.into());
    };
    if let Some(other) = otherwise(failed.text) {
        return Err(other);
    }
    let fault = match (failed.explain::<T>(), &came) {
        // The place in a repaired document would differ.
        (Undecodable::NotJson { .. }, Some(came)) => came.explain::<T>(),
        (Undecodable::NotJson { .. }, None) => Undecodable::NotUtf8 { looks_like_gbk: false },
        (fault, _) => fault,
    };
    Err(fault.into())
}

/// Decodes a refusal, after a document turned out to be no answer; `None` where it is no refusal either.
pub(crate) fn attempt<'de, T: Deserialize<'de>>(text: &'de str) -> Option<T> {
    decoded(text).ok()
}

fn decoded<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Failed<'de>> {
    serde_json::from_str(text).map(|Object(value)| value).map_err(|error| Failed { text, error })
}

/// A document that could not be decoded.
struct Failed<'a> {
    text: &'a str,
    error: serde_json::Error,
}

impl Failed<'_> {
    /// Decodes again, slowly, to find the place of the fault.
    fn explain<T: DeserializeOwned>(&self) -> Undecodable {
        let Self { text, error } = self;
        if text.trim_ascii().is_empty() {
            return Undecodable::Empty;
        }
        if text.trim_ascii_start().starts_with('<') {
            return Undecodable::Html;
        }
        let not_json = Undecodable::NotJson { line: error.line(), column: error.column() };
        if error.classify() != Category::Data {
            return not_json;
        }
        let decoder = &mut serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, Object<T>>(decoder) {
            Ok(_) => not_json,
            Err(error) => Undecodable::Shape { path: error.path().to_string(), problem: problem(error.inner()) },
        }
    }
}

/// A JSON object. A derived decoder would also accept an array of its values in order.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Self)
    }
}

/// Decodes the content of an [`Object`].
pub(crate) fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(ObjectVisitor(PhantomData))
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }

    /// Overrides the default, which copies the text into its error.
    fn visit_str<E: Error>(self, _: &str) -> Result<T, E> {
        Err(lenient::unexpected("an object"))
    }

    /// Accepts `[]`: PHP writes an array without keys so, also where its keys would be names.
    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<T, A::Error> {
        if values.next_element::<IgnoredAny>()?.is_some() {
            return Err(Error::invalid_type(Unexpected::Seq, &self));
        }
        T::deserialize(MapDeserializer::new(iter::empty::<(&str, &str)>()))
    }
}

/// Maximum length of a list in an answer. The vendors' lists have some hundreds of values; a body of 1 MiB could hold
/// so many empty ones that they would take fifty times its memory.
const LONGEST_LIST: usize = 10_000;

/// An array of objects with a bounded length. PHP writes an array whose keys are not 0, 1, 2 … as an object with
/// integers as names, and one that was never filled as null.
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self(Vec::new()))
    }
}

impl<T> List<T> {
    fn add<E: Error>(&mut self, Object(value): Object<T>) -> Result<(), E> {
        self.0.push(value);
        if self.0.len() > LONGEST_LIST {
            let expected = format!("an array of at most {LONGEST_LIST} values");
            return Err(E::invalid_length(self.0.len(), &expected.as_str()));
        }
        Ok(())
    }
}

/// Appends the values of an array.
impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut values: A) -> Result<Self, A::Error> {
        while let Some(value) = values.next_element()? {
            self.add(value)?;
        }
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !key.parse::<i64>().is_ok_and(|key| keys.insert(key)) {
                return Err(lenient::unexpected("an array, or an object whose keys are integers"));
            }
            self.add(map.next_value()?)?;
        }
        Ok(self)
    }

    /// Overrides the default, which copies the text into its error.
    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Err(lenient::unexpected("an array"))
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }
}

/// Returns the expectation in a decoder's message, without the found value that the message may quote.
pub(crate) fn problem(error: &impl std::error::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    if message.starts_with("missing field `") || message.starts_with("duplicate field `") {
        return message.to_owned();
    }
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if expected.starts_with("struct ") => "expected an object".to_owned(),
        Some((_, expected)) => format!("expected {expected}"),
        None => "the value is out of range".to_owned(),
    }
}

/// The integer that marks a reply as an answer; any other fails to decode.
pub(crate) struct Exactly<const CODE: i64>;

impl<'de, const CODE: i64> Deserialize<'de> for Exactly<CODE> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if lenient::integer(deserializer)? == CODE {
            return Ok(Self);
        }
        Err(Error::invalid_value(Unexpected::Other("another integer"), &CODE.to_string().as_str()))
    }
}
