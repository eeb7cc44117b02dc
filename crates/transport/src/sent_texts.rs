//! What a request carries, so that a vendor's words can be shown without it should they repeat it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Uri};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// The shortest text that is hidden, in bytes: shorter ones stand in many words by chance.
const SHORTEST: usize = 6;

/// A request's query and body, kept until it is known whether its texts are asked for, and the secrets behind them.
pub(crate) struct SentTexts<'a> {
    uri: Uri,
    body: Bytes,
    secrets: &'a [SecretString],
}

impl<'a> SentTexts<'a> {
    pub(crate) fn of(request: &Request<Bytes>, secrets: &'a [SecretString]) -> Self {
        Self { uri: request.uri().clone(), body: request.body().clone(), secrets }
    }

    /// The values of all parameters and the secrets, as they are and in base64.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        let mut add = |text: &str| {
            if text.len() >= SHORTEST {
                texts.push(text.to_owned());
                texts.extend([STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|base64| base64.encode(text)));
            }
        };
        self.secrets.iter().for_each(|secret| add(secret.expose_secret()));
        let query = self.uri.query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes()).for_each(|(_, value)| add(&value));
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(fields)) => fields.values().filter_map(Value::as_str).for_each(add),
            _ => form_urlencoded::parse(&self.body).for_each(|(_, value)| add(&value)),
        }
        texts
    }
    /// Whether a name repeats one of the texts; what is not told apart by its case, such as a host, is not here either.
    pub(crate) fn are_in(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.texts().iter().any(|text| name.contains(&text.to_ascii_lowercase()))
    }
}
