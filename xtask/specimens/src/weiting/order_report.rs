//! 爱流量回传订购业务

use serde_json::json;
use weifen_proto::Entry;
use weifen_weiting::OrderReportRequest;

use crate::call::to_weiting;
use crate::{Effect, Specimen};

pub(crate) const SPECIMEN: Specimen = Specimen {
    entry: Entry::of::<OrderReportRequest>(),
    effect: Effect::Write,
    example: &[
        ("openid", "oKXUCj1Fp4fNnb99liSkslcM_D-X"),
        ("deviceno", "18964524000"),
        ("traffic_package_name", "1G包"),
        ("transaction_date", "2016-10-14"),
    ],
    request: |values| {
        let (openid, device_no) = (values("openid").parse()?, values("deviceno").parse()?);
        let report = OrderReportRequest::new(openid, device_no, values("traffic_package_name"))?;
        Ok(to_weiting(report.ordered_on(values("transaction_date").parse()?)?))
    },
    command: "weiting order-report --openid {openid} --deviceno {deviceno} --package {traffic_package_name}",
    options: "--date {transaction_date}",
    value: || json!("20161014408467888"),
    body: |value| json!({"data": value, "status": 200, "info": 0}),
    printed: |value| json!({"order_number": value}),
    marker: Some("traffic_package_name"),
};
