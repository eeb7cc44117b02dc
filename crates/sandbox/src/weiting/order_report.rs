//! 爱流量回传订购业务 · `POST /service/flowOrders/create`

use serde_json::json;

use super::{digits, report, token};
use crate::{
    clock,
    exchange::{Method, Operation, Reply, Vendor},
    parameters::Call,
    world::World,
};

pub(super) static OPERATION: Operation = Operation {
    vendor: Vendor::Weiting,
    name: "order_report",
    page: false,
    method: Method::Post,
    path: "/service/flowOrders/create",
    answer,
};

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    token::check(world, call)?;
    report::check(call, &["openid", "deviceno", "traffic_package_name"])?;
    let now = world.clock.now();
    let number = format!("{}{:08}", digits(now, "%Y%m%d"), world.weiting.orders.len() + 1);
    let order = json!({
        "at": clock::rfc3339(now),
        "order_number": number,
        "openid": call.text("openid"),
        "deviceno": call.text("deviceno"),
        "traffic_package_name": call.text("traffic_package_name"),
        "transaction_date": call.text("transaction_date"),
    });
    world.weiting.orders.push(order);
    Ok(Reply::json(json!({ "data": number, "status": 200, "info": 0 })))
}
