//! What a cassette made against 微厅 itself may keep as it is: what the vendor's document says, and no more.

use weifen_proto::weiting::{
    AccessTokenRequest, AuthorizeUrl, LoginReport, MobileByTicket, OpenidByCode, OrderReport, PrizeNotice,
};
use weifen_proto::{Endpoint, Operation, Path};
pub use weifen_transport::cassette::*;

const OPERATIONS: [Operation; 7] = [
    AccessTokenRequest::OPERATION,
    AuthorizeUrl::OPERATION,
    OpenidByCode::OPERATION,
    PrizeNotice::OPERATION,
    LoginReport::OPERATION,
    OrderReport::OPERATION,
    MobileByTicket::OPERATION,
];

const OF_REQUESTS: &[&str] = &[
    "appid",
    "secret",
    "access_token",
    "state",
    "code",
    "openid",
    "first",
    "activity",
    "prize",
    "remark",
    "url",
    "deviceno",
    "operators",
    "qcellcore",
    "traffic_package_name",
    "transaction_date",
    "channel",
    "from",
    "ticket",
];

const OF_REPLIES: &[&str] = &[
    "status",
    "info",
    "data",
    "errMsg",
    "redirect",
    "result",
    "flag",
    "errcode",
    "mobile",
    "_id",
    "nickname",
    "headimg",
    "__v",
    "updateAt",
    "createAt",
    "accounts",
    "devicename",
    "bindtime",
    "bindtdate",
    "bpn",
    "sort",
    "msg",
    "CAPRoot",
    "SessionHeader",
    "TransactionID",
    "ActionCode",
    "RspTime",
    "Response",
    "RspType",
    "RspCode",
    "RspDesc",
];

const TEXTS: &[&str] = &[
    "success",
    "发送成功",
    "发送失败",
    "access_token校验异常",
    "code 已过期",
    "推送接口异常",
    "接口异常，请稍后再试",
    "ticket必须给出",
    "手机号码获取异常",
    "根据ticket查询网站注册用户信息为空!",
    "手机",
    "固话",
    "#wechat_redirect",
];

/// Where integers tell what kind of answer it is.
const CODES: &[&str] =
    &["status", "info", "flag", "errcode", "result.accounts.sort", "msg.CAPRoot.SessionHeader.Response.RspCode"];

/// The list for recording and replaying calls of 微厅.
pub fn allowed() -> Allowed {
    let allowed = Allowed::nothing()
        .names(OF_REQUESTS)
        .names(OF_REPLIES)
        .texts(TEXTS)
        .text_at("channel", "1")
        .text_at("from", "love flow")
        .integers_of_replies(CODES);
    OPERATIONS.iter().fold(allowed, |allowed, operation| match operation.path {
        Path::Fixed(path) => allowed.path(path),
        Path::Configured(_) => allowed,
    })
}
