//! 爱流量回传登录状态

use serde_json::{Value, json};
use weifen_proto::Entry;
use weifen_weiting::LoginReportRequest;

use crate::call::to_weiting;
use crate::{Effect, Specimen};

pub(crate) const SPECIMEN: Specimen = Specimen {
    entry: Entry::of::<LoginReportRequest>(),
    effect: Effect::Write,
    example: &[
        ("openid", "oKXUCj1Fp4fNnb99liSkslcM_D-X"),
        ("deviceno", "18964524000"),
        ("operators", "中国电信"),
        ("qcellcore", "上海"),
    ],
    request: |values| {
        let report = LoginReportRequest::new(values("openid").parse()?, values("deviceno").parse()?);
        Ok(to_weiting(report.operators(values("operators")).qcellcore(values("qcellcore"))))
    },
    command: "weiting login-report --openid {openid} --deviceno {deviceno}",
    options: "--operators {operators} --qcellcore {qcellcore}",
    value: || Value::Null,
    body: |_| json!({"data": "success", "status": 200, "info": 0}),
    printed: |_| json!({"ok": true}),
    marker: Some("operators"),
};
