//! The allow list for cassettes of live calls to 微厅: they keep what the vendor's document prints, and redact all else.
//! Names, fixed paths and the words of refusals come from `OPERATIONS`; the texts and integers beside them stand here.

use weifen_proto::weiting::{COMMON_REFUSALS, OPERATIONS, REFUSAL};
pub use weifen_transport::cassette::*;

/// Texts that are no personal data: of any answer, the prize notice, the mobile number, the bound user (手机, 固话) and
/// the authorize URL.
const TEXTS: &[&str] =
    &["success", "发送成功", "根据ticket查询网站注册用户信息为空!", "手机", "固话", "#wechat_redirect"];

/// Paths of the integers in a reply that are codes and kinds, not personal data.
const CODES: &[&str] =
    &["status", "info", "flag", "errcode", "result.accounts.sort", "msg.CAPRoot.SessionHeader.Response.RspCode"];

/// Allow list for recording and replaying calls of 微厅.
pub fn allowed() -> Allowed {
    Allowed::nothing()
        .operations(OPERATIONS)
        .names(&["access_token"])
        .names_of(REFUSAL)
        .refusals(COMMON_REFUSALS)
        .texts(TEXTS)
        .text_at("channel", "1")
        .text_at("from", "love flow")
        .integers_of_replies(CODES)
}
