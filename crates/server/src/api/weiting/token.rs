//! GET /v1/weiting/token · 获取AccessToken

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::transport::Deadline;

use crate::api::operation::{Method, OF_CALLS, Operation, Route};
use crate::api::problem::Problem;
use crate::api::{Api, times};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct TokenRequest {}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct TokenAnswer {
    /// The token that calls carry now.
    access_token: String,
    /// Its end.
    #[schema(format = DateTime)]
    expires_at: String,
}

impl Operation for TokenRequest {
    type Answer = TokenAnswer;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/weiting/token",
        id: "weitingToken",
        summary: "获取AccessToken: the current token, fetched if the store has none",
        scope: Some(Scope::Token),
        problems: OF_CALLS,
    };

    async fn answer(self, api: Arc<Api>) -> Result<TokenAnswer, Problem> {
        let weiting = api.clients.weiting()?;
        let deadline = Deadline::after(api.clients.config().http.timeout);
        let token = weiting.tokens().until(deadline, weiting.access_token()).await?;
        Ok(TokenAnswer { access_token: token.value().as_str().to_owned(), expires_at: times::at(token.expires_at()) })
    }
}
