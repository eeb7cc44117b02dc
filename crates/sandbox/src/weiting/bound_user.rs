//! 通过OPENID获取微信绑定用户信息 · GET, at a path of the sandbox's choice: the vendor documents none.

use serde_json::{Value, json};

use super::{access_token, state::knows};
use crate::{
    operation::{Method, Operation},
    test_data,
    wire::{parameters::Call, reply::Reply},
    world::World,
};

pub(crate) static OPERATION: Operation = Operation::weiting("bound_user", Method::Get, test_data::USER_PATH, answer);

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    access_token::check(world, call)?;
    let openid = call.query("openid").unwrap_or_default();
    if !knows(&openid) {
        // Assumed: the vendor documents no refusal here.
        return Err(Reply::refusal(
            json!({ "result": null, "flag": 1, "errMsg": "openid未绑定" }),
            "openid is not a user of the sandbox",
        ));
    }
    let accounts = if openid == test_data::OPENID { bound_accounts() } else { empty_slots() };
    Ok(Reply::json(json!({
        "result": {
            "_id": "57eb5210e4dace7558b81421",
            "openid": openid,
            "nickname": "沙盒用户",
            "headimg": "http://wx.qlogo.cn/mmopen/STan0NGQK3G1h-BxcZXdx7xGEpAcmYCUy3GgK1lQv399IiaLvxg7g1OAA8VK-MVRt0SPxXAh0Q0iaq86CWw7Tw22pg/0",
            "__v": 0,
            "updateAt": "2016-09-28T05:16:00.804Z",
            "createAt": "2016-09-28T05:16:00.804Z",
            "accounts": accounts,
        },
        "flag": 0,
    })))
}

/// The accounts of the documented example: full entries, and empty slots between them.
fn bound_accounts() -> Value {
    json!([
        {
            "deviceno": "62306600",
            "devicename": "固话",
            "bindtime": "2016-05-27 11:04:36",
            "bindtdate": "2016-05-27 11:04:36",
            "bpn": "92125567729",
            "sort": "1",
        },
        { "sort": "1" },
        {
            "deviceno": "18964524000",
            "devicename": "手机",
            "bindtime": "2016-01-21 08:48:53",
            "bindtdate": "2016-01-21 08:48:53",
            "bpn": "82537753581",
            "sort": "1",
        },
        { "sort": "1" },
        {
            "deviceno": "62062100",
            "devicename": "固话",
            "bindtime": "2016-05-27 10:47:57",
            "bindtdate": "2016-05-27 10:47:57",
            "bpn": "72397130079",
            "sort": "1",
        },
    ])
}

fn empty_slots() -> Value {
    Value::Array(vec![json!({ "sort": "1" }); 5])
}
