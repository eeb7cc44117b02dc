//! `msg` of a refused ticket: the response of the system behind 微厅, XML turned into arrays (documented).

use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::{CapResponse, Field, Shape, lenient};

/// Documented shape of `msg`.
pub(super) const MESSAGE: Shape =
    Shape::Object(&[Field::new("CAPRoot", Shape::Object(&[Field::new("SessionHeader", Shape::Array(&HEADER))]))]);

const HEADER: Shape = Shape::Object(&[
    texts("TransactionID"),
    texts("ActionCode"),
    texts("RspTime"),
    Field::new("Response", Shape::Array(&RESPONSE)),
]);

const RESPONSE: Shape = Shape::Object(&[texts("RspType"), texts("RspCode"), texts("RspDesc")]);

const fn texts(name: &'static str) -> Field {
    Field::new(name, Shape::Array(&Shape::Text))
}

#[derive(Deserialize)]
pub(super) struct Message {
    #[serde(rename = "CAPRoot")]
    root: Root,
}

#[derive(Deserialize)]
struct Root {
    #[serde(rename = "SessionHeader")]
    session_header: Element<SessionHeader>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SessionHeader {
    #[serde(default, rename = "TransactionID")]
    transaction_id: Element<Text>,
    #[serde(default)]
    response: Element<Response>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    #[serde(default)]
    rsp_code: Element<Text>,
    #[serde(default)]
    rsp_desc: Element<Text>,
}

impl Message {
    pub(super) fn into_response(self) -> Option<CapResponse> {
        let header = self.root.session_header.0?;
        let (code, description) =
            header.response.0.map(|response| (response.rsp_code, response.rsp_desc)).unwrap_or_default();
        let text = |element: Element<Text>| element.0.map(|text| text.0).unwrap_or_default();
        let transaction_id = text(header.transaction_id);
        Some(CapResponse { transaction_id, code: text(code), description: text(description) })
    }
}

struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::free_text_or_nothing(deserializer).map(Self)
    }
}

/// An XML element: an array of one. Further values are skipped.
struct Element<T>(Option<T>);

impl<T> Default for Element<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(First(PhantomData)).map(Self)
    }
}

struct First<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for First<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Option<T>, A::Error> {
        let first = values.next_element()?;
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(first)
    }
}
