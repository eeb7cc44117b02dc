//! What a request carries, so that a vendor's words can be shown without it should they repeat it.

use std::fmt::Write;

use bytes::Bytes;
use http::{Request, Uri};
use serde_json::Value;

/// The shortest text that is hidden, in bytes: shorter ones stand in many words by chance.
const SHORTEST: usize = 6;

/// The shortest run of ASCII letters and digits within a text that is hidden by itself. Whatever a vendor escapes with,
/// it leaves these alone; shorter ones may be words.
const SHORTEST_RUN: usize = 10;

/// A request's query and body, kept until it is known whether its texts are asked for.
pub(crate) struct SentTexts {
    uri: Uri,
    body: Bytes,
}

impl SentTexts {
    pub(crate) fn of(request: &Request<Bytes>) -> Self {
        Self { uri: request.uri().clone(), body: request.body().clone() }
    }

    /// The values of all parameters, as they are and as they may be repeated.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        let mut add = |text: &str| {
            if text.len() >= SHORTEST {
                texts.extend(written(text));
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

/// A text as it is, percent-encoded, within JSON as most write it and as PHP does, and its long runs.
fn written(text: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let json = Value::from(text).to_string();
    let json = &json[1..json.len() - 1];
    let runs = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| run.len() >= SHORTEST_RUN);
    let mut written = vec![text.to_owned(), lower_case_escapes(&form), php(json), json.to_owned(), form];
    written.extend(runs.map(str::to_owned));
    written.sort_unstable();
    written.dedup();
    written
}

/// `%2F` becomes `%2f`, and a space `%20`.
fn lower_case_escapes(form: &str) -> String {
    let mut parts = form.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // Behind each percent sign stand two ASCII digits.
        let (escape, rest) = part.split_at(2.min(part.len()));
        _ = write!(text, "%{}{rest}", escape.to_ascii_lowercase());
    }
    text.replace('+', "%20")
}

/// JSON's text with slashes and all that is not ASCII escaped.
fn php(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '/' => text.push_str("\\/"),
            c if c.is_ascii() => text.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(text, "\\u{unit:04x}")),
        }
    }
    text
}
