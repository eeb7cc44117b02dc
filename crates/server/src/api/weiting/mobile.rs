//! POST /v1/weiting/mobile · APP快速入口

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::weiting::{Mobile, MobileByTicketRequest, Ticket};

use crate::api::Api;
use crate::api::fault::Fault;
use crate::api::operation::{Key, Method, OF_CALLS, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct MobileRequest {
    /// The ticket with which 微厅's app opened your page. It works once.
    #[schema(min_length = 1)]
    ticket: String,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct MobileAnswer {
    /// The user's mobile number.
    #[schema(value_type = String)]
    mobile: Mobile,
}

impl MobileRequest {
    fn request(&self) -> Result<MobileByTicketRequest, Problem> {
        Ok(Ticket::new(&*self.ticket).map(MobileByTicketRequest::new).map_err(Fault::from)?)
    }
}

impl Operation for MobileRequest {
    type Answer = MobileAnswer;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/weiting/mobile",
        id: "weitingMobile",
        summary: "APP快速入口: the mobile number of the user who came with a ticket",
        scope: Some(Scope::Weiting),
        problems: OF_CALLS,
    };

    const KEY: Key = Key::Taken;

    fn check(&self, _: &Api) -> Result<(), Problem> {
        self.request().map(drop)
    }

    async fn answer(self, api: Arc<Api>) -> Result<MobileAnswer, Problem> {
        Ok(MobileAnswer { mobile: api.clients.weiting()?.mobile_by_ticket(&self.request()?).await? })
    }
}
