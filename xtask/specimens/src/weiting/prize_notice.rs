//! 中奖结果通知模板接口

use serde_json::{Value, json};
use weifen_proto::Entry;
use weifen_weiting::{NoticeTexts, PrizeNoticeRequest};

use crate::call::to_weiting;
use crate::{Effect, Specimen};

pub(crate) const SPECIMEN: Specimen = Specimen {
    entry: Entry::of::<PrizeNoticeRequest>(),
    effect: Effect::Write,
    example: &[
        ("openid", "oKXUCj1Fp4fNnb99liSkslcM_D-X"),
        ("first", "恭喜"),
        ("activity", "抽奖"),
        ("prize", "玩偶"),
        ("remark", "请到前台领取"),
        ("url", "http://partner.example/prize"),
    ],
    request: |values| {
        let [first, activity, prize, remark, url] = ["first", "activity", "prize", "remark", "url"].map(values);
        let texts = NoticeTexts { first, activity, prize, remark, url };
        Ok(to_weiting(PrizeNoticeRequest::new(values("openid").parse()?, texts)))
    },
    command: "weiting notify --openid {openid} --first {first} --activity {activity} --prize {prize} --remark {remark} --url {url}",
    options: "",
    value: || Value::Null,
    body: |_| json!({"status": 200, "result": "发送成功"}),
    printed: |_| json!({"ok": true}),
    marker: Some("prize"),
};
