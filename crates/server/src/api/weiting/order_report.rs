//! POST /v1/weiting/order-reports · 爱流量回传订购业务

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::weiting::{self, DeviceNo, Openid, OrderNumber};

use crate::api::Api;
use crate::api::fault::{Fault, Faults};
use crate::api::format;
use crate::api::operation::{Key, Method, OF_CALLS, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct OrderReportRequest {
    /// The user who has ordered.
    #[schema(min_length = 1, format = "id")]
    openid: String,
    /// The number of the device.
    #[schema(min_length = 1, format = "deviceno")]
    deviceno: String,
    /// The name of the traffic package.
    #[schema(min_length = 1, format = "not-blank")]
    traffic_package_name: String,
    /// The day of the order, such as `2016-05-27`; where it is absent, the vendor takes today.
    #[schema(min_length = 1, format = Date)]
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
        let day = self.transaction_date.as_deref().map(format::day).transpose();
        let day = faults.value(day.map_err(|problem| Fault::in_body("transaction_date", problem)));
        let given = openid.zip(device).zip(day);
        let request = given.and_then(|((openid, device), day)| {
            let request = weiting::OrderReportRequest::new(openid, device, &*self.traffic_package_name);
            let request = faults.value(request)?;
            match day {
                Some(day) => faults.value(request.ordered_on(day)),
                None => Some(request),
            }
        });
        faults.whole(request)
    }
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
