//! What a cassette made against 微厅 itself may keep as it is: what the vendor's document says, and no more.

use weifen_proto::weiting::{OPERATIONS, REFUSAL, REFUSALS};
pub use weifen_transport::cassette::*;

const TEXTS: &[&str] =
    &["success", "发送成功", "根据ticket查询网站注册用户信息为空!", "手机", "固话", "#wechat_redirect"];

/// Where integers tell what kind of answer it is.
const CODES: &[&str] =
    &["status", "info", "flag", "errcode", "result.accounts.sort", "msg.CAPRoot.SessionHeader.Response.RspCode"];

/// The list for recording and replaying calls of 微厅.
pub fn allowed() -> Allowed {
    Allowed::nothing()
        .operations(OPERATIONS)
        .names(&["access_token"])
        .names_of(REFUSAL)
        .refusals(REFUSALS)
        .texts(TEXTS)
        .text_at("channel", "1")
        .text_at("from", "love flow")
        .integers_of_replies(CODES)
}
