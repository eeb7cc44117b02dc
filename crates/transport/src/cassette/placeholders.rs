//! Replaces values by placeholders; in all exchanges of a cassette the same value gets the same placeholder.

use std::collections::{HashMap, HashSet};

use super::allowed::{Allowed, Half};
use super::exchange::{Body, Headers, Reply, Request};
use super::inputs::Inputs;
use super::json::Json;
use super::kind::Kind;

/// The media types that are kept.
const MEDIA_TYPES: [&str; 5] =
    ["application/json", "application/x-www-form-urlencoded", "text/html", "text/plain", "text/json"];
const CHARSETS: [&str; 5] = ["utf-8", "utf8", "gbk", "gb2312", "gb18030"];

#[derive(Clone)]
pub(super) struct Placeholders {
    allowed: Allowed,
    /// Placeholders by kind and value.
    issued: HashMap<(Kind, String), String>,
    counts: HashMap<Kind, u64>,
    handed_out: HashSet<(Kind, String)>,
    /// Placeholders of a replay's inputs and replies, which its calls may carry.
    given: HashSet<(Kind, String)>,
    mode: Mode,
}

/// Origin of the values to replace.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    /// Values of a vendor or its caller.
    Values,
    /// Placeholders of a recording; each is new here where it was new when it was recorded.
    Recorded,
}

impl Placeholders {
    pub(super) fn new(allowed: Allowed) -> Self {
        Self {
            allowed,
            issued: HashMap::new(),
            counts: HashMap::new(),
            handed_out: HashSet::new(),
            given: HashSet::new(),
            mode: Mode::Values,
        }
    }

    pub(super) fn inputs(&mut self, inputs: &Inputs) -> Inputs {
        inputs.map(|name, value| self.json(Half::Request, name, value))
    }

    /// Counts the placeholders of recorded inputs, so that later ones get the same numbers as in the recording.
    pub(super) fn take_inputs(&mut self, recorded: &Inputs) {
        self.mode = Mode::Recorded;
        self.inputs(recorded);
        self.mode = Mode::Values;
    }

    /// Counts the placeholders of a recorded reply.
    pub(super) fn take_reply(&mut self, recorded: &Reply) {
        self.mode = Mode::Recorded;
        self.reply(recorded);
        self.mode = Mode::Values;
    }

    /// Drops the inputs' placeholders: the calls carry values in their place.
    pub(super) fn expect_values(&mut self) {
        self.given.clear();
    }

    /// Maps `value`, an input of the replay, to the `placeholder` that was recorded for it.
    pub(super) fn take_for(&mut self, value: &Json, placeholder: &Json) {
        match (value, placeholder) {
            (Json::List(values), Json::List(placeholders)) => {
                values.iter().zip(placeholders).for_each(|(value, placeholder)| self.take_for(value, placeholder));
            }
            (Json::Object(values), Json::Object(placeholders)) => {
                let pairs = values.iter().zip(placeholders);
                pairs.for_each(|((_, value), (_, placeholder))| self.take_for(value, placeholder));
            }
            _ => {
                if let (Some(value), Some(placeholder)) = (scalar(value), scalar(placeholder)) {
                    self.issued.insert((Kind::of(&value, &self.allowed), value), placeholder);
                }
            }
        }
    }

    pub(super) fn request(&mut self, request: &Request) -> Request {
        Request {
            method: request.method.clone(),
            path: self.path(&request.path),
            query: self.pairs(Half::Request, &request.query),
            headers: self.headers(&request.headers),
            body: self.body(Half::Request, &request.body),
        }
    }

    pub(super) fn reply(&mut self, reply: &Reply) -> Reply {
        Reply { status: reply.status, headers: self.headers(&reply.headers), body: self.body(Half::Reply, &reply.body) }
    }

    fn path(&mut self, path: &str) -> String {
        if self.allowed.keeps_path(path) { path.to_owned() } else { self.instead(Kind::Path, path) }
    }

    fn headers(&mut self, headers: &Headers) -> Headers {
        Headers {
            accept: headers.accept.as_deref().map(|text| self.media_type(text)),
            content_type: headers.content_type.as_deref().map(|text| self.media_type(text)),
            location: headers.location.as_deref().map(|text| self.text(Half::Reply, "location", text)),
        }
    }

    fn media_type(&mut self, text: &str) -> String {
        if is_known_media_type(text) { text.to_owned() } else { self.text(Half::Reply, "content-type", text) }
    }

    fn body(&mut self, half: Half, body: &Body) -> Body {
        match body {
            Body::Empty => Body::Empty,
            Body::Json(json) => Body::Json(self.json(half, "", json)),
            Body::Form(pairs) => Body::Form(self.pairs(half, pairs)),
            Body::Text(_) | Body::Hex(_) | Body::Replaced(_) => body.replaced(),
        }
    }

    fn pairs(&mut self, half: Half, pairs: &[(String, String)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (self.name(name), self.text(half, name, value))).collect()
    }

    fn json(&mut self, half: Half, place: &str, json: &Json) -> Json {
        match json {
            Json::Null => Json::Null,
            // A placeholder for a boolean can't carry a number.
            Json::Bool(_) => Json::Bool(true),
            Json::Number(number) => match number.as_i64() {
                Some(integer) if self.allowed.keeps_integer(half, place, integer) => json.clone(),
                _ => Json::Number(self.number(number)),
            },
            Json::Text(text) => Json::Text(self.text(half, place, text)),
            Json::List(items) => Json::List(items.iter().map(|item| self.json(half, place, item)).collect()),
            Json::Object(members) => {
                let member = |(name, value): &(String, Json)| {
                    let inner = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                    (self.name(name), self.json(half, &inner, value))
                };
                Json::Object(members.iter().map(member).collect())
            }
        }
    }

    fn name(&mut self, name: &str) -> String {
        if self.allowed.keeps_name(name) { name.to_owned() } else { self.instead(Kind::Name, name) }
    }

    fn text(&mut self, half: Half, place: &str, text: &str) -> String {
        if text.chars().all(char::is_whitespace) {
            return if text.is_empty() { "" } else { " " }.to_owned();
        }
        if self.allowed.keeps_text(half, place, text) {
            return text.to_owned();
        }
        self.instead(Kind::of(text, &self.allowed), text)
    }

    fn number(&mut self, number: &serde_json::Number) -> serde_json::Number {
        let text = number.to_string();
        if number.is_f64() {
            let fraction = self.instead(Kind::Fraction, &text).parse();
            return fraction.ok().and_then(serde_json::Number::from_f64).unwrap_or_else(|| 0.into());
        }
        let placeholder = self.instead(Kind::of(&text, &self.allowed), &text);
        let signed = placeholder.parse::<i64>().map(Into::into);
        signed.or_else(|_| placeholder.parse::<u64>().map(Into::into)).unwrap_or_else(|_| 0.into())
    }

    fn instead(&mut self, kind: Kind, value: &str) -> String {
        let key = (kind, value.to_owned());
        if self.mode == Mode::Recorded {
            if !self.handed_out.contains(&key) {
                self.next(&key.0);
            }
            self.given.insert(key);
            return value.to_owned();
        }
        if let Some(placeholder) = self.issued.get(&key) {
            return placeholder.clone();
        }
        if self.given.contains(&key) {
            return value.to_owned();
        }
        let placeholder = self.next(&key.0);
        self.issued.insert(key, placeholder.clone());
        placeholder
    }

    fn next(&mut self, kind: &Kind) -> String {
        let count = self.counts.entry(kind.clone()).or_default();
        let placeholder = kind.placeholder(*count);
        *count += 1;
        self.handed_out.insert((kind.clone(), placeholder.clone()));
        placeholder
    }
}

fn scalar(json: &Json) -> Option<String> {
    match json {
        Json::Text(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_known_media_type(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let (essence, parameter) = text.split_once(';').unwrap_or((&text, ""));
    let charset = parameter.trim().strip_prefix("charset=");
    MEDIA_TYPES.contains(&essence.trim())
        && (parameter.is_empty() || charset.is_some_and(|charset| CHARSETS.contains(&charset)))
}
