//! 微信基本授权 · `POST /service/wxoauth/2.0/getBaseUrl`

use serde_json::json;

use super::{
    access_token,
    consent::{CONSENT_PATH, GIVEN_PATH, component, is_web_url},
};
use crate::{
    operation::{Method, Operation},
    wire::{parameters::Call, reply::Reply},
    world::World,
};

/// 微信's own appid of the account that asks, as in the documented example.
const WECHAT_APPID: &str = "wx1b0d10b65d395395";

pub(crate) static OPERATION: Operation =
    Operation::weiting("authorize_url", Method::Post, "/service/wxoauth/2.0/getBaseUrl", answer);

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    access_token::check(world, call)?;
    // Both refusals are assumed: the vendor documents none here.
    let state = call
        .text("state")
        .ok_or_else(|| Reply::refusal(json!({ "status": 0, "errMsg": "state必须给出" }), "state is absent or empty"))?;
    if !is_web_url(&state) {
        return Err(Reply::refusal(
            json!({ "status": 0, "errMsg": "state不是有效的URL" }),
            "state is not an absolute http or https URL",
        ));
    }
    let public = &world.options.public_url;
    let redirect_uri = format!("{public}{GIVEN_PATH}");
    Ok(Reply::json(json!({
        "status": 200,
        "redirect": format!(
            "{public}{CONSENT_PATH}?appid={WECHAT_APPID}&redirect_uri={}&response_type=code&scope=snsapi_base&state={}#wechat_redirect",
            component(&redirect_uri),
            component(&state),
        ),
    })))
}
