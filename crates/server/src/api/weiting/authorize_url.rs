//! POST /v1/weiting/authorize-url · 微信基本授权

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::weiting::Redirect;

use crate::api::Api;
use crate::api::fault::Fault;
use crate::api::operation::{Key, Method, OF_CALLS, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct AuthorizeUrlRequest {
    /// The http or https URL at which the browser comes back, with a `code` in its query.
    #[schema(min_length = 1)]
    state: String,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct AuthorizeUrlAnswer {
    /// The address of WeChat's consent page, to be handed to the browser byte for byte.
    #[schema(value_type = String)]
    redirect: Redirect,
}

impl AuthorizeUrlRequest {
    fn request(&self) -> Result<weifen::weiting::AuthorizeUrlRequest, Problem> {
        Ok(weifen::weiting::AuthorizeUrlRequest::new(&*self.state).map_err(Fault::from)?)
    }
}

impl Operation for AuthorizeUrlRequest {
    type Answer = AuthorizeUrlAnswer;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/weiting/authorize-url",
        id: "weitingAuthorizeUrl",
        summary: "微信基本授权: the address of WeChat's consent page",
        scope: Some(Scope::Weiting),
        problems: OF_CALLS,
    };

    const KEY: Key = Key::Taken;

    fn check(&self, _: &Api) -> Result<(), Problem> {
        self.request().map(drop)
    }

    async fn answer(self, api: Arc<Api>) -> Result<AuthorizeUrlAnswer, Problem> {
        Ok(AuthorizeUrlAnswer { redirect: api.clients.weiting()?.authorize_url(&self.request()?).await? })
    }
}
