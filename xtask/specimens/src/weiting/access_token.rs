//! 获取AccessToken: the client fetches it by itself

use serde_json::json;
use weifen_proto::Entry;
use weifen_weiting::AccessTokenRequest;

use crate::call::for_token;
use crate::{Effect, Specimen};

pub(crate) const SPECIMEN: Specimen = Specimen {
    entry: Entry::of::<AccessTokenRequest>(),
    effect: Effect::Counted,
    example: &[("appid", "wx3cc413efaf3b1922"), ("secret", "test-only-secret")],
    request: |values| Ok(for_token(AccessTokenRequest::new(values("appid"), values("secret").into()))),
    command: "weiting token",
    options: "",
    value: || json!("=jLdmlnLUyr-BzKfriqsMEr3X9=rRjrtSln9ryLcH"),
    body: |value| json!({"data": value, "status": 200, "info": 0}),
    printed: |value| json!({"access_token": value}),
    marker: None,
};
