//! From a body's bytes to a typed value, and from a decoder's fault to an error that names the place and no value.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use crate::Undecodable;
use crate::bom::without_bom;

/// Decodes a JSON document; a byte order mark before it is passed over.
pub(crate) fn json<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, Undecodable> {
    let text = utf8(without_bom(body))?;
    match serde_json::from_str(text) {
        Ok(Document(value)) => Ok(value),
        Err(error) => Err(explain::<Document<T>>(text, &error)),
    }
}

/// A whole body: an object.
struct Document<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Document<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Self)
    }
}

/// An object, and nothing else: derived decoders would also take an array of its values in their order.
pub(crate) fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
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
}

/// The most values that a list of an answer may have. The vendors' own have some hundreds; a body of a mebibyte could
/// hold so many empty ones that they would fill fifty times its memory.
const LONGEST_LIST: usize = 10_000;

/// An array whose length is bounded.
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor(PhantomData)).map(Self)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of at most {LONGEST_LIST} values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
            if list.len() > LONGEST_LIST {
                return Err(serde::de::Error::invalid_length(list.len(), &self));
            }
        }
        Ok(list)
    }
}

/// Decodes a JSON document without asking why it doesn't, where another reading is to be tried first.
pub(crate) fn attempt<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Option<T> {
    let text = utf8(without_bom(body)).ok()?;
    serde_json::from_str(text).ok().map(|Document(value)| value)
}

/// Decodes once more, slowly, to tell where the fault is.
fn explain<'de, T: Deserialize<'de>>(text: &'de str, error: &serde_json::Error) -> Undecodable {
    if text.trim_ascii().is_empty() {
        return Undecodable::Empty;
    }
    if text.trim_ascii_start().starts_with('<') {
        return Undecodable::Html;
    }
    if error.classify() != Category::Data {
        return Undecodable::NotJson { line: error.line(), column: error.column() };
    }
    let decoder = &mut serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(decoder) {
        Ok(_) => Undecodable::NotJson { line: error.line(), column: error.column() },
        Err(error) => Undecodable::Shape { path: error.path().to_string(), problem: problem(error.inner()) },
    }
}

/// What a decoder expected, out of its message: the found value that the message may quote is left behind.
pub(crate) fn problem(error: &impl std::error::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    if message.starts_with("missing field `") || message.starts_with("duplicate field `") {
        return message.to_owned();
    }
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if expected.starts_with("struct ") => "expected an object".to_owned(),
        Some((_, expected)) => format!("expected {expected}"),
        None => "the value does not fit".to_owned(),
    }
}

/// # Errors
/// When the bytes are not UTF-8. They are not read in any other way either.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, Undecodable> {
    std::str::from_utf8(bytes).map_err(|_| Undecodable::NotUtf8 { looks_like_gbk: looks_like_gbk(bytes) })
}

/// Whether bytes that are not UTF-8 form GBK characters; the last may be cut short.
fn looks_like_gbk(body: &[u8]) -> bool {
    let mut rest = body;
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (0x00..=0x7f, _) => tail,
            (0x81..=0xfe, [0x40..=0x7e | 0x80..=0xfe, tail @ ..]) => tail,
            (0x81..=0xfe, []) => return true,
            _ => return false,
        };
    }
    true
}

/// The integer by which a reply says that it is an answer; any other is none.
pub(crate) struct Exactly<const CODE: i64>;

impl<'de, const CODE: i64> Deserialize<'de> for Exactly<CODE> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if crate::lenient::integer(deserializer)? == CODE {
            return Ok(Self);
        }
        Err(serde::de::Error::invalid_value(
            serde::de::Unexpected::Other("another integer"),
            &CODE.to_string().as_str(),
        ))
    }
}
