//! 通过OPENID获取微信绑定用户信息

use serde_json::json;
use weifen_proto::Entry;
use weifen_weiting::BoundUserRequest;

use crate::call::to_weiting;
use crate::{Effect, Specimen};

pub(crate) const SPECIMEN: Specimen = Specimen {
    entry: Entry::of::<BoundUserRequest>(),
    effect: Effect::Safe,
    example: &[("openid", "oKXUCj1Fp4fNnb99liSkslcM_D-X")],
    request: |values| Ok(to_weiting(BoundUserRequest::new(values("openid").parse()?))),
    command: "weiting user --openid {openid}",
    options: "",
    value: || {
        json!({
            "_id": "57c2d0cd4f1e5a5e6f0a6d21", "openid": "oKXUCj1Fp4fNnb99liSkslcM_D-X", "nickname": "xx",
            "headimg": "http://wx.qlogo.cn/mmopen/0", "__v": 0, "updateAt": "2016-09-28T05:16:00.804Z",
            "createAt": "2016-05-27T03:10:02.000Z", "accounts": [
                {"deviceno": "18964524000", "devicename": "手机", "bindtime": "2016-05-27 11:04:36",
                 "bindtdate": "2016-05-27 11:04:36", "bpn": "1", "sort": "1"},
                {"sort": "2"},
            ],
        })
    },
    body: |value| json!({"flag": 0, "result": value}),
    printed: |value| json!({"user": value}),
    marker: None,
};
