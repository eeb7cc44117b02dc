//! The check that the two reports of 爱流量 share: required fields, and two fixed ones.

use serde_json::json;

use crate::wire::{parameters::Call, reply::Reply};

/// Refuses a report that lacks one of the required fields or has another channel or origin.
/// The shape is documented, the reasons' words are assumed.
pub(super) fn check(call: &Call, required: &[&str]) -> Result<(), Reply> {
    if let Some(name) = required.iter().find(|name| call.text(name).is_none()) {
        return Err(refusal(&format!("{name}不能为空")));
    }
    for (name, fixed) in [("channel", "1"), ("from", "love flow")] {
        if call.text(name).as_deref() != Some(fixed) {
            return Err(refusal(&format!("{name}必须为{fixed}")));
        }
    }
    Ok(())
}

fn refusal(reason: &str) -> Reply {
    Reply::refusal(json!({ "data": reason, "status": 0, "info": 0 }), reason)
}
