//! 获取公众号二维码

use serde_json::{Value, json};
use weifen_fensi::{QrcodeRequest, SceneId};
use weifen_proto::Entry;

use crate::call::to_fensi;
use crate::{Effect, Specimen};

pub(crate) const SPECIMEN: Specimen = Specimen {
    entry: Entry::of::<QrcodeRequest>(),
    effect: Effect::Once,
    example: &[
        ("auth_open_id", "oleiaYv6i50I7ADTlmIGN4WO-2RGM"),
        ("nickname", "追梦小窝"),
        ("sex", "0"),
        ("ip", "183.13.188.125"),
        ("label", "1"),
        ("state", "machine-7"),
        ("city", "4"),
    ],
    request: |values| {
        let request = QrcodeRequest::new(values("auth_open_id").parse()?, values("nickname"), values("ip").parse()?)?;
        let request = request.sex(values("sex").parse()?).label(SceneId(values("label").parse()?));
        Ok(to_fensi(request.state(values("state"))?.extra("city", values("city"))?))
    },
    command: "fensi qrcode --auth-open-id {auth_open_id} --nickname {nickname} --sex {sex} --ip {ip}",
    options: "--label {label} --state {state}",
    value: || {
        json!({
            "key": "3e3add4a720c11e9ab2100163e0488d6", "develop_appid": "jbh200453e0488d6", "nickname": "追梦小窝",
            "city_code": 4, "auth_open_id": "oleiaYv6i50I7ADTlmIGN4WO-2RGM", "bidding": 60, "appid": "wx3cc413efaf3b1922",
            "appname": "七彩东莞", "code": "8848", "expire": 120, "qrcode_url": "http://127.0.0.1:9/q.png",
        })
    },
    body: |value| match value {
        Value::Null => json!({"code": 50000, "data": null, "message": "暂无匹配的公众号！"}),
        qrcode => json!({"code": 20000, "data": qrcode, "message": "ok"}),
    },
    printed: |value| json!({"qrcode": value}),
    marker: Some("auth_open_id"),
};
