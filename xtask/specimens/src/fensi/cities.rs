//! 获取所有城市

use serde_json::json;
use weifen_fensi::CitiesRequest;
use weifen_proto::Entry;

use crate::call::to_fensi;
use crate::{Effect, Specimen};

pub(crate) const SPECIMEN: Specimen = Specimen {
    entry: Entry::of::<CitiesRequest>(),
    effect: Effect::Safe,
    example: &[],
    request: |_| Ok(to_fensi(CitiesRequest)),
    command: "fensi cities",
    options: "",
    value: || json!([{"id": 1, "name": "北京市"}]),
    body: |value| json!({"code": 20000, "data": value, "message": "ok"}),
    printed: |value| json!({"cities": value}),
    marker: None,
};
