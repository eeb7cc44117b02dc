//! Inputs of recorded calls, in addition to the vendor's replies: stamp, credentials, parameters.

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::json::Json;

/// Inputs of recorded calls, by name and in order. A cassette keeps them, so that a replay needs nothing else.
#[derive(Clone, Default, PartialEq)]
pub struct Inputs {
    list: Vec<(String, Json)>,
}

/// Error of an input that a cassette does not hold, or holds with another type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the inputs contain no {expected} named `{name}`")]
pub struct MissingInput {
    name: String,
    expected: &'static str,
}

impl Inputs {
    /// Creates an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a text.
    #[must_use]
    pub fn with_text(self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.with(name.into(), Json::Text(text.into()))
    }

    /// Sets an integer.
    #[must_use]
    pub fn with_integer(self, name: impl Into<String>, integer: i64) -> Self {
        self.with(name.into(), Json::Number(integer.into()))
    }

    /// Sets a list of texts, such as one nonce for each call.
    #[must_use]
    pub fn with_texts<T: Into<String>>(self, name: impl Into<String>, texts: impl IntoIterator<Item = T>) -> Self {
        let texts = texts.into_iter().map(|text| Json::Text(text.into())).collect();
        self.with(name.into(), Json::List(texts))
    }

    /// Sets all of `others`, which replace inputs of the same name.
    #[must_use]
    pub fn with_all(self, others: &Self) -> Self {
        others.list.iter().fold(self, |inputs, (name, value)| inputs.with(name.clone(), value.clone()))
    }

    fn with(mut self, name: String, value: Json) -> Self {
        match self.list.iter_mut().find(|(taken, _)| *taken == name) {
            Some((_, old)) => *old = value,
            None => self.list.push((name, value)),
        }
        self
    }

    /// Names of the inputs, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|(name, _)| name.as_str())
    }

    /// Returns true where an input of this name exists.
    pub fn has(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// Returns the text of this name.
    ///
    /// # Errors
    /// [`MissingInput`] where the name is unknown or holds no text.
    pub fn text(&self, name: &str) -> Result<&str, MissingInput> {
        match self.get(name) {
            Some(Json::Text(text)) => Ok(text),
            _ => Err(MissingInput { name: name.to_owned(), expected: "text" }),
        }
    }

    /// Returns the integer of this name.
    ///
    /// # Errors
    /// [`MissingInput`] where the name is unknown or holds no `i64`.
    pub fn integer(&self, name: &str) -> Result<i64, MissingInput> {
        match self.get(name) {
            Some(Json::Number(number)) => number.as_i64(),
            _ => None,
        }
        .ok_or_else(|| MissingInput { name: name.to_owned(), expected: "integer" })
    }

    /// Returns the list of texts of this name.
    ///
    /// # Errors
    /// [`MissingInput`] where the name is unknown or holds no list of texts.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, MissingInput> {
        let text = |item: &Json| match item {
            Json::Text(text) => Some(text.clone()),
            _ => None,
        };
        match self.get(name) {
            Some(Json::List(items)) => items.iter().map(text).collect(),
            _ => None,
        }
        .ok_or_else(|| MissingInput { name: name.to_owned(), expected: "list of texts" })
    }

    fn get(&self, name: &str) -> Option<&Json> {
        self.list.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(String, Json)> {
        self.list.iter()
    }

    /// Replaces each value by the result of `value`, which gets the name and the old value.
    pub(super) fn map(&self, mut value: impl FnMut(&str, &Json) -> Json) -> Self {
        Self { list: self.list.iter().map(|(name, old)| (name.clone(), value(name, old))).collect() }
    }
}

impl fmt::Debug for Inputs {
    /// Prints the names alone: the values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl Serialize for Inputs {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.list.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Json::deserialize(deserializer)? {
            Json::Object(list) => Ok(Self { list }),
            _ => Err(Error::custom("the inputs must be a JSON object")),
        }
    }
}
