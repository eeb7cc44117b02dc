//! 中奖结果通知模板接口 · `POST /service/1.0/sendPrizeNotice`

use serde_json::json;

use super::{access_token, state::knows};
use crate::{
    clock,
    operation::{Method, Operation},
    test_data,
    wire::{parameters::Call, reply::Reply},
    world::World,
};

pub(crate) static OPERATION: Operation =
    Operation::weiting("prize_notice", Method::Post, "/service/1.0/sendPrizeNotice", answer);

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    access_token::check(world, call)?;
    for name in ["openid", "first", "activity", "prize", "remark", "url"] {
        // That an empty text is legal is assumed: the vendor marks none of the six as optional.
        if !call.parameters.contains_key(name) {
            return Err(failed(format!("{name} is absent")));
        }
    }
    let openid = call.text("openid").unwrap_or_default();
    if openid == test_data::OPENID_PUSH_FAULT {
        return Err(Reply::refusal(
            json!({ "status": 40005, "errMsg": "推送接口异常" }),
            "this user's notices always fail in this way",
        ));
    }
    if !knows(&openid) {
        return Err(failed("openid is not a user of the sandbox"));
    }
    let text = |name| call.text(name).unwrap_or_default();
    let notice = json!({
        "at": clock::rfc3339(world.clock.now()),
        "openid": openid,
        "first": text("first"),
        "activity": text("activity"),
        "prize": text("prize"),
        "remark": text("remark"),
        "url": text("url"),
    });
    world.weiting.notices.push(notice);
    Ok(Reply::json(json!({ "status": 200, "result": "发送成功" })))
}

fn failed(why: impl Into<String>) -> Reply {
    Reply::refusal(json!({ "status": 0, "result": "发送失败" }), why)
}
