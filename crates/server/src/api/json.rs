//! Reads the JSON of a body. A name that an object has twice is a fault, which `serde_json::Value` would pass over.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::fault::{Fault, add_step};

/// The beginnings of `serde_json`'s words for half a surrogate pair.
const HALF_A_PAIR: [&str; 2] = ["unexpected end of hex escape", "lone leading surrogate in hex escape"];

/// A document that is being read.
struct Reading<'a> {
    /// The JSON pointer of the value that is being read.
    place: String,
    faults: &'a mut Vec<Fault>,
}

/// Reads a document, and adds each repeated name to `faults`.
///
/// # Errors
/// The fault for which the document can't be read.
pub(super) fn read(body: &[u8], faults: &mut Vec<Fault>) -> Result<Value, Fault> {
    if body.starts_with("\u{feff}".as_bytes()) {
        return Err(Fault::of_body("begins with a byte order mark (BOM): send the JSON without it"));
    }
    let mut reading = Reading { place: String::new(), faults };
    let mut document = serde_json::Deserializer::from_slice(body);
    let value = reading.deserialize(&mut document).map_err(|error| reading.unreadable(&error))?;
    document.end().map_err(|error| reading.unreadable(&error))?;
    Ok(value)
}

impl Reading<'_> {
    fn unreadable(&self, error: &serde_json::Error) -> Fault {
        let words = error.to_string();
        if HALF_A_PAIR.iter().any(|half| words.starts_with(half)) {
            let detail =
                "contains half of a surrogate pair, such as half an emoji: the text was cut within a character";
            return Fault::at(&self.place, detail);
        }
        Fault::of_body(format!("is not JSON: {words}"))
    }
}

impl<'de> DeserializeSeed<'de> for &mut Reading<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Reading<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let (outer, mut list) = (self.place.len(), Vec::new());
        loop {
            add_step(&mut self.place, &list.len().to_string());
            let item = items.next_element_seed(&mut *self)?;
            self.place.truncate(outer);
            match item {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let (outer, mut object) = (self.place.len(), Map::new());
        while let Some(name) = fields.next_key::<String>()? {
            add_step(&mut self.place, &name);
            let value = fields.next_value_seed(&mut *self)?;
            if object.insert(name, value).is_some() {
                self.faults.push(Fault::at(&self.place, "is given twice"));
            }
            self.place.truncate(outer);
        }
        Ok(Value::Object(object))
    }
}
