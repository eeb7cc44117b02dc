//! 爱流量回传订购业务 · `POST /service/flowOrders/create`

use serde_json::json;

use super::{access_token, report};
use crate::{
    clock,
    operation::{Method, Operation},
    wire::{parameters::Call, reply::Reply},
    world::World,
};

pub(crate) static OPERATION: Operation =
    Operation::weiting("order_report", Method::Post, "/service/flowOrders/create", answer);

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    access_token::check(world, call)?;
    report::check(call, &["openid", "deviceno", "traffic_package_name"])?;
    let now = world.clock.now();
    let number = format!("{}{:08}", clock::beijing_digits(now, "%Y%m%d"), world.weiting.orders.len() + 1);
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
