//! The envelope of every answer: a code, a message, and the data of a success.

use serde_json::{Value, json};

use crate::wire::reply::Reply;

pub(super) fn success(data: &Value) -> Reply {
    Reply::json(json!({ "code": 20000, "data": data, "message": "ok" }))
}

/// A refusal: it has no `data` (observed).
pub(super) fn refusal(code: u32, message: &str, why: impl Into<String>) -> Reply {
    Reply::refusal(json!({ "code": code, "message": message }), why)
}
