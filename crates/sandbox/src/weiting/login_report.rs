//! 爱流量回传登录状态 · `POST /service/weekBind/create`

use serde_json::json;

use super::{report, token};
use crate::{
    clock,
    exchange::{Method, Operation, Reply, Vendor},
    parameters::Call,
    world::World,
};

pub(super) static OPERATION: Operation = Operation {
    vendor: Vendor::Weiting,
    name: "login_report",
    page: false,
    method: Method::Post,
    path: "/service/weekBind/create",
    answer,
};

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    token::check(world, call)?;
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
