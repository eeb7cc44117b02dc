//! POST /v1/weiting/openid · 获取openid

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::weiting::{Code, Openid, OpenidByCodeRequest};

use crate::api::Api;
use crate::api::fault::Fault;
use crate::api::operation::{Key, Method, OF_CALLS, Operation, Route};
use crate::api::problem::Problem;

/// One of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1, max_properties = 1)]
pub(in crate::api) struct OpenidRequest {
    /// The code with which the browser came back. It works once.
    #[schema(min_length = 1)]
    code: Option<String>,
    /// The whole URL at which the browser came back, with the code in it.
    #[schema(min_length = 1)]
    callback: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct OpenidAnswer {
    /// The user who came back from the consent page.
    #[schema(value_type = String)]
    openid: Openid,
}

impl OpenidRequest {
    fn request(&self) -> Result<OpenidByCodeRequest, Problem> {
        let request = match (&self.code, &self.callback) {
            (Some(code), _) => Code::new(&**code).map(OpenidByCodeRequest::new).map_err(Fault::from),
            (None, callback) => OpenidByCodeRequest::from_callback(callback.as_deref().unwrap_or_default())
                .map_err(|error| Fault::in_body("callback", error.problem())),
        };
        Ok(request?)
    }
}

impl Operation for OpenidRequest {
    type Answer = OpenidAnswer;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/weiting/openid",
        id: "weitingOpenid",
        summary: "获取openid: the user who came back from the consent page",
        scope: Some(Scope::Weiting),
        problems: OF_CALLS,
    };

    const KEY: Key = Key::Taken;

    fn check(&self, _: &Api) -> Result<(), Problem> {
        self.request().map(drop)
    }

    async fn answer(self, api: Arc<Api>) -> Result<OpenidAnswer, Problem> {
        Ok(OpenidAnswer { openid: api.clients.weiting()?.openid_by_code(&self.request()?).await? })
    }
}
