//! 获取openid · `POST /service/wxoauth/2.0/getOpenidByCode`

use serde_json::json;

use super::access_token;
use crate::{
    operation::{Method, Operation},
    wire::{parameters::Call, reply::Reply},
    world::World,
};

pub(crate) static OPERATION: Operation =
    Operation::weiting("openid_by_code", Method::Post, "/service/wxoauth/2.0/getOpenidByCode", answer);

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    access_token::check(world, call)?;
    let now = world.clock.now();
    let code = call.text("code").unwrap_or_default();
    let openid = world.weiting.codes.spend(&code, now).ok_or_else(|| {
        Reply::refusal(
            json!({ "status": 40005, "errMsg": "code 已过期" }),
            "the code is absent, unknown, spent or older than five minutes",
        )
    })?;
    Ok(Reply::json(json!({ "status": 200, "openid": openid })))
}
