//! What every call must pass before its operation sees it: the four signing parameters, present and right.

use super::{refusal, signature::sign};
use crate::{exchange::Reply, parameters::Call, test_data};

/// Presence first, then the developer, then the signature (the texts are observed, their order is assumed).
pub(super) fn check(call: &Call) -> Result<(), Reply> {
    let develop_appid = required(call, "develop_appid", "开发APPID不能为空！")?;
    let timestamp = required(call, "timestamp", "时间戳不能为空")?;
    let nonce = required(call, "nonce", "随机字符串不能为空")?;
    let signature = required(call, "signature", "签名不能为空！")?;
    if develop_appid != test_data::DEVELOP_APPID {
        return Err(refusal(
            50003,
            "对不起您的app_secret不正确，请您进入后台重新初始化",
            "no such develop_appid",
        ));
    }
    let due = sign(&timestamp, &nonce, test_data::APP_SECRET);
    if signature != due {
        return Err(refusal(
            50004,
            "signature校验错误",
            format!("for timestamp {timestamp:?} and nonce {nonce:?} the signature is {due}"),
        ));
    }
    Ok(())
}

/// A parameter that the validators insist on; they refuse with the code of "no match" (observed).
pub(super) fn required(call: &Call, name: &str, message: &str) -> Result<String, Reply> {
    call.trimmed(name)
        .ok_or_else(|| refusal(50000, message, format!("{name} is absent or empty")))
}
