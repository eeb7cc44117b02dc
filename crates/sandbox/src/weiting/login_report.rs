//! 爱流量回传登录状态 · `POST /service/weekBind/create`

use serde_json::json;

use super::{access_token, report};
use crate::{
    clock,
    operation::{Method, Operation},
    wire::{parameters::Call, reply::Reply},
    world::World,
};

pub(crate) static OPERATION: Operation =
    Operation::weiting("login_report", Method::Post, "/service/weekBind/create", answer);

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    access_token::check(world, call)?;
    report::check(call, &["openid", "deviceno"])?;
    let report = json!({
        "at": clock::rfc3339(world.clock.now()),
        "openid": call.text("openid"),
        "deviceno": call.text("deviceno"),
        "operators": call.text("operators"),
        "qcellcore": call.text("qcellcore"),
    });
    world.weiting.login_reports.push(report);
    Ok(Reply::json(json!({ "data": "success", "status": 200, "info": 0 })))
}
