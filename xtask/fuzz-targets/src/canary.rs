//! A text and a number that are put in the place of a document's values, to be looked for in what is shown of it.

use serde_json::Value;

/// In the place of every text: a word that no message has, and a mobile number.
pub(crate) const TEXT: &str = "zq7canary 13800138000";
/// In the place of every number that decides nothing.
const NUMBER: i64 = 13_800_138_001;

/// The fields whose integers say what kind of answer it is: a refusal shows them.
const CODES: [&str; 4] = ["status", "errcode", "flag", "code"];

/// The document with canaries in the place of its values; its names and what decides are kept.
pub(crate) fn planted(document: &Value) -> Value {
    match document {
        Value::String(_) => TEXT.into(),
        Value::Number(_) => NUMBER.into(),
        Value::Array(values) => values.iter().map(planted).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                let decides = CODES.contains(&name.as_str()) && !value.is_array() && !value.is_object();
                (name.clone(), if decides { value.clone() } else { planted(value) })
            };
            Value::Object(fields.iter().map(field).collect())
        }
        Value::Null | Value::Bool(_) => document.clone(),
    }
}

/// Whether a canary shows.
pub(crate) fn shows(text: &str) -> bool {
    text.contains("zq7canary") || shows_number(text)
}

/// Whether a canary's number shows.
pub(crate) fn shows_number(text: &str) -> bool {
    text.contains("1380013800")
}
