//! What a cassette made against 粉丝万岁 itself may keep as it is: what the vendor's document says, and no more.

use weifen_proto::fensi::{Cities, QrcodeRequest, Scenes};
use weifen_proto::{Endpoint, Operation, Path};
pub use weifen_transport::cassette::*;

const OPERATIONS: [Operation; 3] = [QrcodeRequest::OPERATION, Scenes::OPERATION, Cities::OPERATION];

const NAMES: &[&str] = &[
    "develop_appid",
    "timestamp",
    "nonce",
    "signature",
    "key",
    "auth_open_id",
    "nickname",
    "sex",
    "ip",
    "label",
    "state",
    "code",
    "data",
    "message",
    "city_code",
    "bidding",
    "appid",
    "appname",
    "expire",
    "qrcode_url",
    "id",
    "name",
];

const MESSAGES: &[&str] = &[
    "ok",
    "暂无匹配的公众号！",
    "对不起，您当前匹配到的公众号吸粉客户的钱包余额不足！",
    "生成二维码失败请稍后再试！",
    "对不起您的app_secret不正确，请您进入后台重新初始化",
    "signature校验错误",
    "用户授权的昵称不能为空",
    "请传入粉丝的IP地址！",
    "IP地址不正确",
    "设备key值不能为空！",
    "用户授权的open_id不能为空",
    "时间戳不能为空",
    "随机字符串不能为空",
    "签名不能为空！",
    "开发APPID不能为空！",
];

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

/// The list for recording and replaying calls of 粉丝万岁. The return code stands in it, the verification code of the
/// same name within `data` does not.
pub fn allowed() -> Allowed {
    let allowed = Allowed::nothing()
        .names(NAMES)
        .texts(MESSAGES)
        .texts(SCENES_AND_CITIES)
        .integers_of_requests(&["sex"])
        .integers_of_replies(&["code", "data.id", "data.expire"]);
    OPERATIONS.iter().fold(allowed, |allowed, operation| match operation.path {
        Path::Fixed(path) => allowed.path(path),
        Path::Configured(_) => allowed,
    })
}
