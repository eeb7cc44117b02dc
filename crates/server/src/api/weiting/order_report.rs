//! POST /v1/weiting/order-reports · 爱流量回传订购业务

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::weiting::{self, DeviceNo, Openid, OrderNumber};

use crate::api::Api;
use crate::api::fault::{Fault, Faults};
use crate::api::operation::{Key, Method, OF_CALLS, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct OrderReportRequest {
    /// The user who has ordered.
    #[schema(min_length = 1)]
    openid: String,
    /// The number of the device.
    #[schema(min_length = 1)]
    deviceno: String,
    /// The name of the traffic package.
    #[schema(min_length = 1)]
    traffic_package_name: String,
    /// The day of the order, such as `2016-05-27`; where it is absent, the vendor takes today.
    #[schema(min_length = 1)]
    transaction_date: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct OrderReportAnswer {
    /// 微厅's number of the order.
    #[schema(value_type = String)]
    order_number: OrderNumber,
}

impl OrderReportRequest {
    fn request(&self) -> Result<weiting::OrderReportRequest, Problem> {
        let mut faults = Faults::default();
        let openid = faults.value(Openid::new(&*self.openid));
        let device = faults.value(DeviceNo::new(&*self.deviceno));
        let package = Some(&*self.traffic_package_name).filter(|name| !name.trim().is_empty());
        let package = faults.value(package.ok_or_else(|| Fault::in_body("traffic_package_name", "must not be blank")));
        let day = faults.value(self.transaction_date.as_deref().map(day).transpose());
        let given = openid.zip(device).zip(package).zip(day);
        let request = given.and_then(|(((openid, device), package), day)| {
            let request = faults.value(weiting::OrderReportRequest::new(openid, device, package))?;
            match day {
                Some(day) => faults.value(request.ordered_on(day)),
                None => Some(request),
            }
        });
        faults.whole(request)
    }
}

fn day(text: &str) -> Result<Date, Fault> {
    let fault = |_| Fault::in_body("transaction_date", "must be a day such as 2016-05-27");
    Date::strptime("%Y-%m-%d", text).map_err(fault)
}

impl Operation for OrderReportRequest {
    type Answer = OrderReportAnswer;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/weiting/order-reports",
        id: "weitingOrderReport",
        summary: "爱流量回传订购业务: report that a user has ordered a traffic package",
        scope: Some(Scope::Weiting),
        problems: OF_CALLS,
    };

    const KEY: Key = Key::Needed;

    fn check(&self, _: &Api) -> Result<(), Problem> {
        self.request().map(drop)
    }

    async fn answer(self, api: Arc<Api>) -> Result<OrderReportAnswer, Problem> {
        Ok(OrderReportAnswer { order_number: api.clients.weiting()?.order_report(&self.request()?).await? })
    }
}
