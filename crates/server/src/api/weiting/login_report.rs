//! POST /v1/weiting/login-reports · 爱流量回传登录状态

use std::sync::Arc;

use serde::Deserialize;
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::weiting::{self, DeviceNo, Openid};

use super::Done;
use crate::api::Api;
use crate::api::fault::Faults;
use crate::api::operation::{Key, Method, OF_CALLS, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct LoginReportRequest {
    /// The user who has logged in.
    #[schema(min_length = 1, format = "id")]
    openid: String,
    /// The number of the device.
    #[schema(min_length = 1, format = "deviceno")]
    deviceno: String,
    /// The network operator, in the vendor's words.
    operators: Option<String>,
    /// Where the number belongs to, in the vendor's words.
    qcellcore: Option<String>,
}

impl LoginReportRequest {
    fn request(&self) -> Result<weiting::LoginReportRequest, Problem> {
        let mut faults = Faults::default();
        let openid = faults.value(Openid::new(&*self.openid));
        let device = faults.value(DeviceNo::new(&*self.deviceno));
        let mut request = faults
            .whole(openid.zip(device).map(|(openid, device)| weiting::LoginReportRequest::new(openid, device)))?;
        if let Some(operators) = &self.operators {
            request = request.operators(operators);
        }
        if let Some(qcellcore) = &self.qcellcore {
            request = request.qcellcore(qcellcore);
        }
        Ok(request)
    }
}

impl Operation for LoginReportRequest {
    type Answer = Done;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/weiting/login-reports",
        id: "weitingLoginReport",
        summary: "爱流量回传登录状态: report that a user has logged in",
        scope: Some(Scope::Weiting),
        problems: OF_CALLS,
    };

    const KEY: Key = Key::Needed;

    fn check(&self, _: &Api) -> Result<(), Problem> {
        self.request().map(drop)
    }

    async fn answer(self, api: Arc<Api>) -> Result<Done, Problem> {
        api.clients.weiting()?.login_report(&self.request()?).await?;
        Ok(Done { ok: true })
    }
}
