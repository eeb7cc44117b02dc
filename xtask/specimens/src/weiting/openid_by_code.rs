//! 获取openid

use serde_json::json;
use weifen_proto::Entry;
use weifen_weiting::OpenidByCodeRequest;

use crate::call::to_weiting;
use crate::{Effect, Specimen};

pub(crate) const SPECIMEN: Specimen = Specimen {
    entry: Entry::of::<OpenidByCodeRequest>(),
    effect: Effect::Once,
    example: &[("code", "NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz")],
    request: |values| Ok(to_weiting(OpenidByCodeRequest::new(values("code").parse()?))),
    command: "weiting openid --code {code}",
    options: "",
    value: || json!("oKXUCj1Fp4fNnb99liSkslcM_D-X"),
    body: |value| json!({"status": 200, "openid": value}),
    printed: |value| json!({"openid": value}),
    marker: Some("code"),
};
