//! The reported order of every contestant, its bytes on the wire, and the answer.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

pub(crate) const PATH: &str = "/service/flowOrders/create";
pub(crate) const TOKEN: &str = "=bench-jLdmlnLUyr-BzKfriqsMEr3X9=rRjrtSln9";
/// `TOKEN` in the query: percent-encoded.
pub(crate) const QUERY: &str = "access_token=%3Dbench-jLdmlnLUyr-BzKfriqsMEr3X9%3DrRjrtSln9";
pub(crate) const USER_AGENT: &str = concat!("weifen/", env!("CARGO_PKG_VERSION"));
pub(crate) const NUMBER: &str = "2016101400000001";

pub(crate) const ORDER: Order = Order {
    openid: "oKXUCj1Fp4fNnb99liSkslcM_D-X",
    device_no: "18900000000",
    package: "1G包",
    channel: "1",
    from: "love flow",
};

/// An order as a program without an SDK writes it.
#[derive(Serialize)]
pub(crate) struct Order {
    pub(crate) openid: &'static str,
    #[serde(rename = "deviceno")]
    pub(crate) device_no: &'static str,
    #[serde(rename = "traffic_package_name")]
    pub(crate) package: &'static str,
    channel: &'static str,
    from: &'static str,
}

#[derive(Deserialize)]
struct Answer {
    status: i64,
    data: String,
}

/// Returns the order number of an answer.
pub(crate) fn number(body: &[u8]) -> Result<String> {
    let answer: Answer = serde_json::from_slice(body)?;
    ensure!(answer.status == 200, "refused with status {}: {}", answer.status, answer.data);
    Ok(answer.data)
}
