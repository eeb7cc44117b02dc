//! A push in bytes: as documented, and as it was seen in production.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

/// Format of a push on the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PushShape {
    /// The documented fields as JSON.
    #[default]
    Json,
    /// The same over several lines, with a comma after the last field, as the document prints it.
    TrailingComma,
    /// JSON as a partner recorded it: no `openid`, every value a text, `server_url` the push URL (observed).
    Observed,
    /// The recorded fields as a form (assumed: a form would be recorded so).
    Form,
}

/// A push as bytes.
#[derive(Clone)]
pub(super) struct Packet {
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
}

impl PushShape {
    /// The fields of `push` that go out, as they go out.
    pub(super) fn dress(self, mut push: Value, push_url: Option<&Url>) -> Value {
        if matches!(self, Self::Json | Self::TrailingComma) {
            return push;
        }
        if let Some(url) = push_url {
            push["server_url"] = json!(url.as_str());
        }
        push["bidding"] = json!(push["bidding"].to_string());
        if let Value::Object(fields) = &mut push {
            fields.remove("openid");
        }
        push
    }

    pub(super) fn pack(self, dressed: &Value) -> Packet {
        let (content_type, body) = match self {
            Self::Json | Self::Observed => ("application/json", dressed.to_string()),
            Self::TrailingComma => ("application/json", with_trailing_comma(dressed)),
            Self::Form => ("application/x-www-form-urlencoded", form(dressed)),
        };
        Packet { content_type, body: body.into() }
    }
}

fn with_trailing_comma(push: &Value) -> String {
    let lines = format!("{push:#}");
    format!("{},\n}}", lines.trim_end_matches("\n}"))
}

fn form(push: &Value) -> String {
    let texts = push.as_object().into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_str()?)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(texts).finish()
}
