//! What a request carries, so that a vendor's words can be shown without it should they repeat it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Uri};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use weifen_proto::repetitions;

/// The shortest text that is hidden, in bytes: shorter ones stand in many words by chance.
const SHORTEST: usize = 6;

/// The shortest run of ASCII letters and digits within a text that is hidden by itself. Whatever a vendor escapes with,
/// it leaves these alone; shorter ones may be words.
const SHORTEST_RUN: usize = 10;

/// How many such runs of one text are hidden: no credential has as many.
const MOST_RUNS: usize = 64;

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

    /// The values of all parameters and the secrets, as they are and as they may be repeated.
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

/// Whether a name repeats one of the texts; what is not told apart by its case, such as a host, is not here either.
pub(crate) fn are_in(name: &str, texts: &[String]) -> bool {
    let texts: Vec<_> = texts.iter().map(|text| text.to_ascii_lowercase()).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    !repetitions(name.to_ascii_lowercase().as_bytes(), &texts).is_empty()
}

/// A text as it is, in base64, and its long runs. Percent-encoded and in JSON's escapes it is found by whoever hides it.
fn written(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| run.len() >= SHORTEST_RUN).take(MOST_RUNS);
    let mut written = vec![text.to_owned()];
    written.extend([STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|base64| base64.encode(text)));
    written.extend(runs.map(str::to_owned));
    written.sort_unstable();
    written.dedup();
    written
}
