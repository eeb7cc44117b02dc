//! 微信基本授权

use serde_json::json;
use weifen_proto::Entry;
use weifen_weiting::AuthorizeUrlRequest;

use crate::call::to_weiting;
use crate::{Effect, Specimen};

pub(crate) const SPECIMEN: Specimen = Specimen {
    entry: Entry::of::<AuthorizeUrlRequest>(),
    effect: Effect::Safe,
    example: &[("state", "http://partner.example/back?device=7")],
    request: |values| Ok(to_weiting(AuthorizeUrlRequest::new(values("state"))?)),
    command: "weiting authorize-url --state {state}",
    options: "",
    value: || json!("https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx1#wechat_redirect"),
    body: |value| json!({"status": 200, "redirect": value}),
    printed: |value| json!({"redirect": value}),
    marker: None,
};
