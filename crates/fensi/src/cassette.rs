//! The allow list for cassettes of live calls to 粉丝万岁. They keep what the vendor's document prints, and no more.

use weifen_proto::fensi::{COMMON_REFUSALS, OPERATIONS};
pub use weifen_transport::cassette::*;

const SCENES_AND_CITIES: &[&str] = &[
    "学校",
    "药店",
    "餐饮",
    "影院",
    "商场",
    "超市",
    "医疗机构",
    "母婴店",
    "其他",
    "北京市",
    "天津市",
    "石家庄市",
    "唐山市",
];

/// Allow list for recording and replaying calls of 粉丝万岁. It has the return code `code`, but not the verification code
/// of the same name within `data`.
pub fn allowed() -> Allowed {
    Allowed::nothing()
        .operations(OPERATIONS)
        .names(&["develop_appid", "timestamp", "nonce", "signature"])
        .refusals(COMMON_REFUSALS)
        .texts(&["ok"])
        .texts(SCENES_AND_CITIES)
        .integers_of_requests(&["sex"])
        .integers_of_replies(&["code", "data.id", "data.expire"])
}
