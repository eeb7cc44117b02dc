//! The texts of a request, to be removed from a vendor's message that repeats them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Uri};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use weifen_proto::repetitions;

/// Minimum length in bytes of a text that is hidden: shorter ones appear in many words by chance.
const SHORTEST: usize = 6;

/// Minimum length of a run of ASCII letters and digits that is hidden by itself. No escaping of a vendor changes such
/// a run; shorter ones may be words.
const SHORTEST_RUN: usize = 10;

/// Maximum number of such runs per text; no credential has as many.
const MOST_RUNS: usize = 64;

/// A request's query and body, kept unparsed until its texts are needed, and the secrets behind them.
pub(crate) struct SentTexts<'a> {
    uri: Uri,
    body: Bytes,
    secrets: &'a [SecretString],
}

impl<'a> SentTexts<'a> {
    pub(crate) fn of(request: &Request<Bytes>, secrets: &'a [SecretString]) -> Self {
        Self { uri: request.uri().clone(), body: request.body().clone(), secrets }
    }

    /// Returns the secrets and the values of all parameters, in the forms in which a vendor may repeat them.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        let mut add = |text: &str| {
            if text.len() >= SHORTEST {
                texts.extend(written(text));
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
}

/// Returns true where `name` repeats one of the texts. Case is ignored, as in host names.
pub(crate) fn are_in(name: &str, texts: &[String]) -> bool {
    let texts: Vec<_> = texts.iter().map(|text| text.to_ascii_lowercase()).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    !repetitions(name.to_ascii_lowercase().as_bytes(), &texts).is_empty()
}

/// Returns a text as it is and in base64, and its long runs. The caller finds percent-encoding and JSON escapes
/// itself.
fn written(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| run.len() >= SHORTEST_RUN).take(MOST_RUNS);
    let mut written = vec![text.to_owned()];
    written.extend([STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|base64| base64.encode(text)));
    written.extend(runs.map(str::to_owned));
    written.sort_unstable();
    written.dedup();
    written
}
