//! APP快速入口

use serde_json::json;
use weifen_proto::Entry;
use weifen_weiting::MobileByTicketRequest;

use crate::call::to_weiting;
use crate::{Effect, Specimen};

pub(crate) const SPECIMEN: Specimen = Specimen {
    entry: Entry::of::<MobileByTicketRequest>(),
    effect: Effect::Once,
    example: &[("ticket", "VElDS0VU")],
    request: |values| Ok(to_weiting(MobileByTicketRequest::new(values("ticket").parse()?))),
    command: "weiting mobile --ticket {ticket}",
    options: "",
    value: || json!("17717463317"),
    body: |value| json!({"errcode": 0, "data": {"mobile": value}}),
    printed: |value| json!({"mobile": value}),
    marker: Some("ticket"),
};
