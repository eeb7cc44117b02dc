//! 爱流量回传订购业务 · POST /service/flowOrders/create

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::envelope::{self, Done};
use super::{DeviceNo, Openid};
use crate::text::{checked, not_blank};
use crate::{
    Endpoint, Field, InvalidRequest, NoAnswer, Operation, Parameters, Path, RefusalKind, Shape, Vendor, lenient,
};

/// Report that a user ordered a traffic package.
#[derive(Clone, PartialEq, Eq)]
pub struct OrderReportRequest {
    openid: Openid,
    device_no: DeviceNo,
    package: String,
    ordered_on: Option<Date>,
}

impl OrderReportRequest {
    /// Creates the report that `openid` ordered the traffic package named `package` for `device_no`.
    ///
    /// # Errors
    /// When `package` is blank: the vendor requires a name (documented).
    pub fn new(openid: Openid, device_no: DeviceNo, package: impl Into<String>) -> Result<Self, InvalidRequest> {
        let package = checked("traffic_package_name", package, not_blank)?;
        Ok(Self { openid, device_no, package, ordered_on: None })
    }

    /// Adds the day of the order, in Beijing's calendar. It is sent as `2016-05-27` (assumed: no format is
    /// documented).
    ///
    /// # Errors
    /// When the year is outside 1 to 9999: it has no form of four digits.
    pub fn ordered_on(mut self, date: Date) -> Result<Self, InvalidRequest> {
        if date.year() < 1 {
            return Err(InvalidRequest::new("transaction_date", "must lie in the years 1 to 9999"));
        }
        self.ordered_on = Some(date);
        Ok(self)
    }
}

impl fmt::Debug for OrderReportRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderReportRequest")
            .field("openid", &self.openid)
            .field("ordered_on", &self.ordered_on)
            .finish_non_exhaustive()
    }
}

/// Number of the order at the vendor.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct OrderNumber(String);

impl OrderNumber {
    /// Returns the number verbatim.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "status")]
    _status: Done,
    #[serde(deserialize_with = "order_number")]
    data: OrderNumber,
}

fn order_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<OrderNumber, D::Error> {
    let number = lenient::text(deserializer)?;
    match not_blank(&number) {
        Ok(()) => Ok(OrderNumber(number)),
        Err(_) => Err(lenient::unexpected("an order number")),
    }
}

impl Endpoint for OrderReportRequest {
    type Answer = OrderNumber;

    const OPERATION: Operation = Operation::new(
        Vendor::Weiting,
        "order_report",
        "爱流量回传订购业务",
        Path::Fixed("/service/flowOrders/create"),
    );

    const PARAMETERS: &'static [&'static str] =
        &["openid", "deviceno", "traffic_package_name", "transaction_date", "channel", "from"];

    const DOCUMENTED: Shape =
        Shape::Object(&[Field::integer("status"), Field::text("data"), Field::new("info", Shape::Any).or_absent()]);

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new()
            .text("openid", self.openid.as_str())
            .text("deviceno", self.device_no.as_str())
            .text("traffic_package_name", &self.package)
            .optional_text("transaction_date", self.ordered_on.map(|date| date.to_string()))
            .text("channel", "1")
            .text("from", "love flow")
    }

    fn answer(body: &[u8]) -> Result<OrderNumber, NoAnswer> {
        let reply: Reply = envelope::read(body, &Self::OPERATION, Self::REFUSALS, RefusalKind::ReportNotTaken)?;
        Ok(reply.data)
    }
}
