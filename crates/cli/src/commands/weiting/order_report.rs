//! `weifen weiting order-report` · 爱流量回传订购业务

use jiff::civil::Date;
use weifen::proto::Vendor;
use weifen::weiting::{DeviceNo, InvalidRequest, Openid, OrderReportRequest};

use crate::arguments::OrderReportArguments;
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, pairs};

pub(crate) async fn run(mut arguments: OrderReportArguments, clients: &Clients) -> Result<Report, Failure> {
    let mut stdin = clients.stdin(Vendor::Weiting);
    arguments.openid = stdin.value("--openid", arguments.openid)?;
    arguments.deviceno = stdin.value("--deviceno", arguments.deviceno)?;
    let request = request(arguments).map_err(Failure::invalid::<OrderReportRequest>)?;
    let order_number = clients.weiting()?.order_report(&request).await?;
    let people = pairs([("order number", order_number.to_string())]);
    Report::of("order_number", &order_number, people)
}

fn request(given: OrderReportArguments) -> Result<OrderReportRequest, InvalidRequest> {
    let request = OrderReportRequest::new(Openid::new(given.openid)?, DeviceNo::new(given.deviceno)?, given.package)?;
    match given.date {
        None => Ok(request),
        Some(date) => request.ordered_on(day(&date)?),
    }
}

fn day(text: &str) -> Result<Date, InvalidRequest> {
    let problem = "must be a day such as 2016-05-27";
    Date::strptime("%Y-%m-%d", text).map_err(|_| InvalidRequest::new("transaction_date", problem))
}
