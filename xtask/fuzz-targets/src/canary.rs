//! Canaries: a text and a number that replace a document's values, and are then searched for in its errors.

use serde_json::Value;

/// Replaces every text: a word that no message has, and a mobile number.
pub(crate) const TEXT: &str = "zq7canary 13800138000";
/// Replaces every number that does not decide the kind of answer.
const NUMBER: i64 = 13_800_138_001;

/// Fields whose integers decide the kind of answer: a refusal shows them.
const CODES: [&str; 4] = ["status", "errcode", "flag", "code"];

/// Returns the document with canaries as its values. Names, and values that decide the kind of answer, are kept.
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

/// Returns true where the text holds a canary.
pub(crate) fn shows(text: &str) -> bool {
    text.contains("zq7canary") || shows_number(text)
}

/// Returns true where the text holds a canary's number.
pub(crate) fn shows_number(text: &str) -> bool {
    text.contains("1380013800")
}
