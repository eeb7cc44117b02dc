//! `获取AccessToken` · `GET /service/1.0/access/token`; and the check of a token that every other operation makes.

use serde_json::json;

use crate::{
    operation::{Method, Operation},
    test_data,
    wire::{parameters::Call, reply::Reply},
    world::World,
};

pub(crate) static OPERATION: Operation =
    Operation::weiting("access_token", Method::Get, "/service/1.0/access/token", answer);

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    let now = world.clock.now();
    let one_too_many = world.weiting.tokens.refuses_fetch(&world.options, now);
    let appid = call.query("appid").unwrap_or_default();
    let secret = call.query("secret").unwrap_or_default();
    // Both refusals are assumed: the vendor documents none here.
    if appid != test_data::APPID || secret != test_data::SECRET {
        return Err(Reply::refusal(
            json!({ "status": 0, "errMsg": "appid或secret不正确" }),
            if appid == test_data::APPID {
                "the secret is wrong, or was changed on the way: percent-encode it"
            } else {
                "no such appid"
            },
        ));
    }
    if one_too_many {
        return Err(Reply::refusal(
            json!({ "status": 0, "errMsg": "今日获取access_token次数已达上限" }),
            "the fetches of this Beijing day are used up",
        ));
    }
    let token = world.weiting.tokens.issue(&world.options, now);
    Ok(Reply::json(json!({ "data": token, "status": 200, "info": 0 })))
}

/// Refuses a call whose query carries no live token (the shape is documented for one operation, assumed for all).
pub(super) fn check(world: &World, call: &Call) -> Result<(), Reply> {
    let given = call.query("access_token").unwrap_or_default();
    let now = world.clock.now();
    let issued = &world.weiting.tokens.issued;
    let why = match issued.iter().rev().find(|token| token.text == given) {
        Some(token) if token.ends_at > now => return Ok(()),
        Some(_) => "the token has expired",
        None if given.is_empty() => "the query has no access_token",
        None if issued.iter().any(|token| token.text.replace('+', " ") == given) => {
            "the token's + arrived as a space: percent-encode it"
        }
        None => "no such token was issued",
    };
    Err(Reply::refusal(json!({ "status": 0, "errMsg": "access_token校验异常" }), why))
}
