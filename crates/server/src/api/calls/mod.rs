//! Calls that were made under an `Idempotency-Key`.

pub(super) mod list;
pub(super) mod show;

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use weifen::journal;

use super::times::at;

/// A call that was made under an `Idempotency-Key`.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Call {
    /// The key; null once it is erased.
    key: Option<String>,
    /// The `operationId` of what was called.
    operation: String,
    /// `begun`: it is under way. `done`. `refused`: the vendor refused it for good. `unknown`: it may have happened,
    /// and nothing is sent under this key. `free`: it had no effect, and may be sent again. More may come.
    outcome: &'static str,
    /// How often it was begun.
    attempt: i64,
    #[schema(format = DateTime)]
    began_at: String,
    /// null while it is under way, and where the server ended before the call did.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// The time until which its answer is given again.
    #[schema(format = DateTime)]
    kept_until: String,
    /// The HTTP status that was answered; null where there is no answer, and once it is erased.
    status: Option<u16>,
    /// The body that was answered, a problem's included.
    #[schema(value_type = Option<Object>)]
    answer: Option<Box<RawValue>>,
}

impl From<journal::Call> for Call {
    fn from(call: journal::Call) -> Self {
        let (status, body) = call.answer.map(|answer| (answer.status, answer.body)).unzip();
        Self {
            key: call.key,
            operation: call.operation,
            outcome: call.outcome.as_str(),
            attempt: call.attempt,
            began_at: at(call.began_at),
            ended_at: call.ended_at.map(at),
            kept_until: at(call.kept_until),
            status,
            answer: body.and_then(|body| RawValue::from_string(body).ok()),
        }
    }
}
