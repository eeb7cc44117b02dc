//! 获取所有场景

use serde_json::json;
use weifen_fensi::ScenesRequest;
use weifen_proto::Entry;

use crate::call::to_fensi;
use crate::{Effect, Specimen};

pub(crate) const SPECIMEN: Specimen = Specimen {
    entry: Entry::of::<ScenesRequest>(),
    effect: Effect::Safe,
    example: &[],
    request: |_| Ok(to_fensi(ScenesRequest)),
    command: "fensi scenes",
    options: "",
    value: || json!([{"id": 1, "name": "学校"}]),
    body: |value| json!({"code": 20000, "data": value, "message": "ok"}),
    printed: |value| json!({"scenes": value}),
    marker: None,
};
