//! Faults of the token, as 微厅 tells of them: it has ended early, or no more are given out today. They are replies in
//! good order, and the same as the sandbox's for `early-token-expiry` and `quota-out`.

use serde_json::json;

use super::fault::{Ends, Fault};
use xtask_specimens::Effect;

use super::operations::Operation;

pub(super) fn faults(operation: &Operation) -> Vec<Fault> {
    if operation.effect == Effect::Counted {
        return vec![Fault::body("quota-out", Ends::Refused, refusal("今日获取access_token次数已达上限"))];
    }
    if !operation.carries_token() {
        return Vec::new();
    }
    let ended = || refusal("access_token校验异常");
    vec![
        Fault::body("early-token-expiry", Ends::AnsweredWithNewToken, ended()).then(operation.answer().to_string()),
        Fault::body("early-token-expiry: of each token", Ends::RefusedWithNewToken, ended()).then(ended()),
    ]
}

fn refusal(words: &str) -> String {
    json!({ "status": 0, "errMsg": words }).to_string()
}
