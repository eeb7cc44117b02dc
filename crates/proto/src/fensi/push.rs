//! 消息推送 · what the platform POSTs to the partner when a user has followed an account

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{Error as PairError, MapDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

use super::{AuthOpenId, Fen};
use crate::text::{checked, identifier};
use crate::{Undecodable, decode, lenient};

/// A user has followed an account, and its owner owes the bid. It serialises under the wire's names.
///
/// The packet carries no signature, no timestamp and no number of its own: whoever knows the address can send one, and
/// the same follow can come more than once (observed). Nothing here vouches for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Push {
    /// The address that the push was sent to, in the vendor's records.
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub server_url: Option<String>,
    /// The device at which the user stood.
    #[serde(deserialize_with = "identifier_text")]
    pub key: String,
    /// The developer's appid.
    #[serde(deserialize_with = "identifier_text")]
    pub develop_appid: String,
    /// The user, in the partner's own account: the one that the QR code was asked for.
    pub auth_open_id: AuthOpenId,
    /// What the account's owner pays for this follow (`bidding`, in fen).
    #[serde(rename = "bidding")]
    pub bid: Fen,
    /// The account that was followed.
    #[serde(deserialize_with = "identifier_text")]
    pub appid: String,
    /// The account's name.
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub appname: Option<String>,
    /// The same user, in the followed account (documented, but absent from pushes seen in production).
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub openid: Option<String>,
    /// The user's nickname.
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// The text that the QR code was asked for with (observed on a white-label host).
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl Push {
    /// Reads a push's body: JSON as documented, its trailing comma included, or the same fields form-encoded, which
    /// the pushes seen in production make likely.
    ///
    /// # Errors
    /// When the body is neither, or a field that identifies the follow is missing.
    pub fn parse(body: &[u8]) -> Result<Self, Undecodable> {
        let body = decode::without_bom(body).trim_ascii();
        if body.starts_with(b"{") || body.starts_with(b"[") || body.starts_with(b"<") || body.is_empty() {
            return decode::json(&without_trailing_commas(body));
        }
        match std::str::from_utf8(body) {
            Ok(form) => Self::from_form(form),
            Err(_) => decode::json(body),
        }
    }

    /// Reads a push's fields out of a form-encoded body or a URL's query.
    ///
    /// # Errors
    /// When a field that identifies the follow is missing or stands twice.
    pub fn from_form(form: &str) -> Result<Self, Undecodable> {
        let pairs = form_urlencoded::parse(form.as_bytes());
        let fields = MapDeserializer::<_, PairError>::new(pairs);
        serde_path_to_error::deserialize(fields).map_err(|error: serde_path_to_error::Error<PairError>| {
            Undecodable::Shape { path: error.path().to_string(), problem: decode::problem(error.inner()) }
        })
    }
}

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

/// The document without the commas that stand before a closing bracket, as in the vendor's own example.
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
