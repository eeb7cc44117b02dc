//! Every request to the vendors' side, in order, with what was answered.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Map, Value};

/// Older entries are let go beyond this many, or this many bytes of memory; their numbers show that they existed.
const KEPT: usize = 100_000;
const KEPT_BYTES: usize = 64 << 20;

/// One request and its answer, in clear.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LogEntry {
    /// Counts from 1 since the start or the last reset.
    pub number: u64,
    /// Time of the answer, by the sandbox's clock (RFC 3339, UTC).
    pub at: String,
    /// `weiting`, `fensi`, or nothing for a path of neither.
    pub vendor: Option<&'static str>,
    /// The operation's name, or nothing for a path that has none.
    pub operation: Option<&'static str>,
    /// The HTTP method.
    pub method: String,
    /// The path as sent.
    pub path: String,
    /// The query as sent, without the question mark.
    pub query: String,
    /// Encoding of the body: `form`, `json`, `multipart`, or `unread` for a content type that is none of these and for
    /// a body that counts as empty.
    pub encoding: Option<&'static str>,
    /// Query and body merged; the body wins.
    pub parameters: Map<String, Value>,
    /// HTTP status of the operation's answer; 0 where a fault came before the operation.
    pub status: u16,
    /// The operation's answer, before a fault spoilt it; pages and images in short.
    pub answer: Value,
    /// The reason of a refusal, in words that the wire does not carry.
    pub why: Option<String>,
    /// The kind of the fault that hit it, by its name in JSON.
    pub fault: Option<String>,
    /// True where the operation was done: neither refused, nor kept from being done by a fault. What the caller heard
    /// of it is another matter.
    pub done: bool,
}

impl LogEntry {
    /// Number of bytes of memory that it takes, about.
    fn bytes(&self) -> usize {
        let texts = [&self.at, &self.method, &self.path, &self.query].map(String::len);
        let rare = [&self.why, &self.fault].into_iter().flatten().map(String::len);
        size_of::<Self>()
            + texts.into_iter().chain(rare).sum::<usize>()
            + bytes_of_fields(&self.parameters)
            + bytes_of(&self.answer)
    }
}

fn bytes_of(value: &Value) -> usize {
    let held = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(bytes_of).sum(),
        Value::Object(fields) => bytes_of_fields(fields),
    };
    size_of::<Value>() + held
}

fn bytes_of_fields(fields: &Map<String, Value>) -> usize {
    fields.iter().map(|(name, value)| size_of::<String>() + name.len() + bytes_of(value)).sum()
}

#[derive(Default)]
pub(crate) struct Log {
    entries: VecDeque<LogEntry>,
    bytes: usize,
    written: u64,
}

impl Log {
    pub(crate) fn write(&mut self, mut entry: LogEntry) {
        self.written += 1;
        entry.number = self.written;
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        while self.entries.len() > KEPT || self.bytes > KEPT_BYTES {
            self.bytes -= self.entries.pop_front().map_or(self.bytes, |oldest| oldest.bytes());
        }
    }

    /// Those whose number is beyond `number`, at most `most` of them.
    pub(crate) fn after(&self, number: u64, most: usize) -> Vec<LogEntry> {
        let begin = self.entries.partition_point(|entry| entry.number <= number);
        self.entries.iter().skip(begin).take(most).cloned().collect()
    }
}
