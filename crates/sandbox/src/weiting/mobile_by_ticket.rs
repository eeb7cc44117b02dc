//! APP快速入口 · `GET /service/appOauthen/Ticket`

use serde_json::json;

use super::access_token;
use crate::{
    clock,
    operation::{Method, Operation},
    test_data,
    wire::{parameters::Call, reply::Reply},
    world::World,
};

pub(crate) static OPERATION: Operation =
    Operation::weiting("mobile_by_ticket", Method::Get, "/service/appOauthen/Ticket", answer);

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    access_token::check(world, call)?;
    let ticket = call.query("ticket").ok_or_else(|| {
        Reply::refusal(json!({ "errcode": 1, "data": { "mobile": "ticket必须给出" } }), "ticket is absent or empty")
    })?;
    if ticket == test_data::TICKET_FAULT {
        return Err(Reply::refusal(
            json!({ "status": 40005, "errMsg": "接口异常，请稍后再试" }),
            "this ticket always fails in this way",
        ));
    }
    let mobile = test_data::TICKETS.iter().find(|(known, _)| *known == ticket).map(|(_, mobile)| mobile);
    match mobile {
        // That a ticket works once is assumed.
        Some(mobile) if world.weiting.spent_tickets.insert(ticket) => {
            Ok(Reply::json(json!({ "errcode": 0, "data": { "mobile": mobile } })))
        }
        _ => Err(unknown_ticket(world)),
    }
}

/// The vendor hands on what the system behind it said, its XML turned into lists.
fn unknown_ticket(world: &mut World) -> Reply {
    world.weiting.refused_tickets += 1;
    let now = world.clock.now();
    let transaction = format!("3599901{}{:010}", clock::beijing_digits(now, "%Y%m%d"), world.weiting.refused_tickets);
    let header = json!({
        "TransactionID": [transaction],
        "ActionCode": ["1"],
        "RspTime": [clock::beijing_digits(now, "%Y%m%d%H%M%S")],
        "Response": [{
            "RspType": ["1"],
            "RspCode": ["1992"],
            "RspDesc": ["根据ticket查询网站注册用户信息为空!"],
        }],
    });
    Reply::refusal(
        json!({ "errcode": 1, "data": "手机号码获取异常", "msg": { "CAPRoot": { "SessionHeader": [header] } } }),
        "the ticket is unknown or spent",
    )
}
