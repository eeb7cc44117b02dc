//! What a request carries, so that a vendor's words can be shown without it should they repeat it.

use bytes::Bytes;
use http::{Request, Uri};
use serde_json::Value;

/// The shortest text that is hidden, in bytes: shorter ones stand in many words by chance.
const SHORTEST: usize = 6;

/// A request's query and body, kept until it is known whether its texts are asked for.
pub(crate) struct SentTexts {
    uri: Uri,
    body: Bytes,
}

impl SentTexts {
    pub(crate) fn of(request: &Request<Bytes>) -> Self {
        Self { uri: request.uri().clone(), body: request.body().clone() }
    }

    /// The values of all parameters, as they are and percent-encoded.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        let mut add = |text: &str| {
            if text.len() >= SHORTEST {
                texts.push(text.to_owned());
                let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
                if encoded != text {
                    texts.push(encoded);
                }
            }
        };
        let query = self.uri.query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes()).for_each(|(_, value)| add(&value));
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(fields)) => fields.values().filter_map(Value::as_str).for_each(add),
            _ => form_urlencoded::parse(&self.body).for_each(|(_, value)| add(&value)),
        }
        texts
    }
}
