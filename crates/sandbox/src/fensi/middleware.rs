//! The checks that come before an operation's own validators (observed): the middleware's, then those of the stamp.

use serde_json::Value;

use super::{envelope::refusal, signature::sign};
use crate::{
    test_data,
    wire::{parameters::Call, reply::Reply},
};

/// Checks the developer, then the signature. An empty timestamp or nonce reaches its validator only where the empty
/// text was signed; the validators of the other two never refuse anything.
pub(super) fn check(call: &Call) -> Result<(), Reply> {
    let signed = |name| call.trimmed_query_first(name).unwrap_or_default();
    let develop_appid = signed("develop_appid");
    if develop_appid != test_data::DEVELOP_APPID {
        let unread = call.unread.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        return Err(refusal(
            50003,
            "对不起您的app_secret不正确，请您进入后台重新初始化",
            format!("develop_appid {develop_appid:?} is absent or unknown{unread}"),
        ));
    }
    let (timestamp, nonce) = (signed("timestamp"), signed("nonce"));
    let due = sign(&timestamp, &nonce, test_data::APP_SECRET);
    if signed("signature") != due && !is_true(call, "signature") {
        return Err(refusal(
            50004,
            "signature校验错误",
            format!("for timestamp {timestamp:?} and nonce {nonce:?} the signature is {due}"),
        ));
    }
    required(call, "timestamp", "时间戳不能为空")?;
    required(call, "nonce", "随机字符串不能为空")?;
    Ok(())
}

/// JSON's `true` equals every text in PHP's loose comparison, by which the signature is compared (observed).
fn is_true(call: &Call, name: &str) -> bool {
    !call.query.contains_key(name) && call.parameters.get(name) == Some(&Value::Bool(true))
}

/// A parameter that the validators insist on; they refuse with the code of "no match" (observed).
pub(super) fn required(call: &Call, name: &str, message: &str) -> Result<String, Reply> {
    call.trimmed(name).ok_or_else(|| refusal(50000, message, format!("{name} is absent or empty")))
}
