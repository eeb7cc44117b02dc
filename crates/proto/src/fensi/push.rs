//! 消息推送 · the request that the platform POSTs to the partner after a user has followed an account

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode;
use serde::de::value::{Error as PairError, MapDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

use super::{AuthOpenId, Fen};
use crate::bom::without_bom;
use crate::broken_text::is_gbk;
use crate::text::{checked, identifier};
use crate::{Drift, Field, Shape, Undecodable, decode, lenient};

/// Notice that a user has followed an account, whose owner owes the bid. It serializes under the wire's names.
///
/// The packet has no signature, no timestamp and no number of its own: anyone who knows the address can send one, and
/// the same follow can come more than once (observed). This type proves nothing about its origin.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Push {
    /// Address that the push was sent to, by the vendor's records.
    #[serde(default, deserialize_with = "lenient::free_text", skip_serializing_if = "Option::is_none")]
    pub server_url: Option<String>,
    /// Key of the device that the user used.
    #[serde(deserialize_with = "identifier_text")]
    pub key: String,
    /// Appid of the developer.
    #[serde(deserialize_with = "identifier_text")]
    pub develop_appid: String,
    /// The user in the partner's own account, as in the request for the QR code.
    pub auth_open_id: AuthOpenId,
    /// Price that the account's owner pays for this follow (`bidding`, in fen).
    #[serde(rename = "bidding")]
    pub bid: Fen,
    /// Appid of the followed account.
    #[serde(deserialize_with = "identifier_text")]
    pub appid: String,
    /// Name of the account.
    #[serde(default, deserialize_with = "lenient::free_text", skip_serializing_if = "Option::is_none")]
    pub appname: Option<String>,
    /// The same user in the followed account (documented, but absent from pushes seen in production).
    #[serde(default, deserialize_with = "lenient::free_text", skip_serializing_if = "Option::is_none")]
    pub openid: Option<String>,
    /// Nickname of the user; may be empty (documented).
    #[serde(default, deserialize_with = "lenient::free_text_or_nothing")]
    pub nickname: String,
    /// `state` of the request for the QR code (observed on a white-label host).
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl Push {
    /// Decodes a push's body: JSON as documented, its trailing comma included, or the same fields form-encoded, which
    /// the pushes seen in production make likely.
    ///
    /// Broken text in a field that identifies nothing, such as a cut nickname, is read with U+FFFD; a value that is
    /// no text counts as absent there. A body whose invalid UTF-8 was replaced by U+FFFD ([`String::from_utf8_lossy`])
    /// gives the same push.
    ///
    /// # Errors
    /// When the body is neither JSON nor a form, is in GBK or a related charset, or when a field that identifies the
    /// follow is missing, broken or repeated.
    pub fn parse(body: &[u8]) -> Result<Self, Undecodable> {
        match Written::in_bytes(body) {
            Written::Json(json) => decode::json(&json),
            Written::Form(form) if !form.contains(&b'=') => Err(Undecodable::NeitherJsonNorForm),
            Written::Form(form) => Self::read_form(form),
        }
    }

    /// Decodes a push from a form-encoded body or a URL's query, as [`parse`](Self::parse) does.
    ///
    /// # Errors
    /// When it is in GBK or a related charset, or when a field that identifies the follow is missing, broken or
    /// repeated.
    pub fn from_form(form: &str) -> Result<Self, Undecodable> {
        Self::read_form(form.as_bytes())
    }

    fn read_form(form: &[u8]) -> Result<Self, Undecodable> {
        if is_gbk(&percent_decode(form).collect::<Vec<_>>()) {
            return Err(Undecodable::NotUtf8 { looks_like_gbk: true });
        }
        let form = String::from_utf8_lossy(form);
        serde_path_to_error::deserialize(pairs(&form)).map_err(|error: serde_path_to_error::Error<PairError>| {
            Undecodable::Shape { path: error.path().to_string(), problem: decode::problem(error.inner()) }
        })
    }

    /// Returns the differences between a push's body and the documentation or the pushes seen in production.
    pub fn drifts(body: &[u8]) -> Vec<Drift> {
        match Written::in_bytes(body) {
            Written::Json(json) => DOCUMENTED.drifts(&json),
            Written::Form(form) => DOCUMENTED.drifts_of_form(pairs(&String::from_utf8_lossy(form))),
        }
    }
}

/// Encoding of a push.
enum Written<'a> {
    Json(Cow<'a, [u8]>),
    Form(&'a [u8]),
}

impl<'a> Written<'a> {
    fn in_bytes(body: &'a [u8]) -> Self {
        let body = without_bom(body).trim_ascii();
        match body {
            [] | [b'{' | b'[' | b'<', ..] => Self::Json(without_trailing_commas(body)),
            // A form begins with a name; bytes that are no character mean another encoding.
            [first, ..] if first.is_ascii() || std::str::from_utf8(body).is_ok() => Self::Form(body),
            _ => Self::Json(Cow::Borrowed(body)),
        }
    }
}

fn pairs(form: &str) -> MapDeserializer<'_, form_urlencoded::Parse<'_>, PairError> {
    MapDeserializer::new(form_urlencoded::parse(form.as_bytes()))
}

/// Shape of the vendor's example and the pushes seen in production, whose values are strings and which lack `openid`.
const DOCUMENTED: Shape = Shape::Object(&[
    Field::text("server_url"),
    Field::text("key"),
    Field::text("develop_appid"),
    Field::text("auth_open_id"),
    Field::new("bidding", Shape::TextOrInteger),
    Field::text("appid"),
    Field::text("appname"),
    Field::text("openid").or_absent(),
    Field::text("nickname").or_absent(),
    Field::text("state").or_absent(),
]);

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Push")
            .field("auth_open_id", &self.auth_open_id)
            .field("appid", &self.appid)
            .field("bid", &self.bid)
            .finish_non_exhaustive()
    }
}

fn identifier_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked("identifier", lenient::text(deserializer)?, identifier)
        .map_err(|error| lenient::refused_text("an identifier", &error))
}

/// Returns the document without commas before a closing bracket, as in the vendor's own example.
fn without_trailing_commas(body: &[u8]) -> Cow<'_, [u8]> {
    let mut commas = Vec::new();
    let mut last_comma = None;
    let mut bytes = body.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                last_comma = None;
                while let Some((_, byte)) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => _ = bytes.next(),
                        _ => {}
                    }
                }
            }
            b',' => last_comma = Some(at),
            b'}' | b']' => commas.extend(last_comma.take()),
            byte if byte.is_ascii_whitespace() => {}
            _ => last_comma = None,
        }
    }
    if commas.is_empty() {
        return Cow::Borrowed(body);
    }
    let kept = body.iter().enumerate().filter(|(at, _)| commas.binary_search(at).is_err());
    Cow::Owned(kept.map(|(_, byte)| *byte).collect())
}
