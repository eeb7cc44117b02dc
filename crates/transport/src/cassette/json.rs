//! JSON that keeps the order of members and repeated names. It is written compactly, as in bodies, or in lines, as in
//! cassettes.

use std::fmt::{self, Write as _};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Number;

/// Maximum depth of a document inside a cassette, whose own reader goes 128 deep.
const DEEPEST: usize = 100;

/// Maximum length in bytes of a list of scalars in one line.
const LINE: usize = 100;

#[derive(Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a document; `None` where it is invalid or nested too deep for a cassette.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().filter(|json: &Self| json.depth() <= DEEPEST)
    }

    /// Reads a document; `None` where writing it would not give the same bytes.
    pub(super) fn read_exactly(bytes: &[u8]) -> Option<Self> {
        Self::read(bytes).filter(|json| json.compact().as_bytes() == bytes)
    }

    pub(super) fn compact(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Writes the document in lines that a person reads and `diff` compares.
    pub(super) fn pretty(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0);
        text.push('\n');
        text
    }

    fn write(&self, text: &mut String, indent: usize) {
        match self {
            Self::List(items) if !self.fits_a_line() => {
                lines(text, indent, '[', items, ']', |text, item| item.write(text, indent + 1));
            }
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::compact).collect();
                _ = write!(text, "[{}]", items.join(", "));
            }
            Self::Object(members) if !self.fits_a_line() => {
                lines(text, indent, '{', members, '}', |text, (name, value)| {
                    _ = write!(text, "{}: ", Self::Text(name.clone()).compact());
                    value.write(text, indent + 1);
                });
            }
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| {
                    format!("{}: {}", Self::Text(name.clone()).compact(), value.compact())
                };
                _ = write!(text, "{{{}}}", members.iter().map(member).collect::<String>());
            }
            _ => text.push_str(&self.compact()),
        }
    }

    /// Returns true for a short list of scalars, or a short object of at most one scalar.
    fn fits_a_line(&self) -> bool {
        let all_scalars = match self {
            Self::List(items) => items.iter().all(Self::is_scalar),
            Self::Object(members) => members.len() < 2 && members.iter().all(|(_, value)| value.is_scalar()),
            _ => true,
        };
        all_scalars && self.compact().len() <= LINE
    }

    fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Object(_))
    }

    fn depth(&self) -> usize {
        match self {
            Self::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or_default(),
            Self::Object(members) => 1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or_default(),
            _ => 0,
        }
    }
}

fn lines<T>(text: &mut String, indent: usize, open: char, items: &[T], close: char, write: impl Fn(&mut String, &T)) {
    let line = |text: &mut String, indent| _ = write!(text, "\n{:1$}", "", indent * 2);
    text.push(open);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        line(text, indent + 1);
        write(text, item);
    }
    line(text, indent);
    text.push(close);
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(members) => {
                let mut object = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    object.serialize_entry(name, value)?;
                }
                object.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Number::from_f64(number).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(object))
    }
}
