//! POST /v1/events/{id}/redrive

use std::sync::Arc;

use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::inbox::Status;

use super::make_due;
use super::show::EventAnswer;
use crate::api::Api;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct RedriveRequest {
    /// The event's number or its `webhook_id`. One that is not dead is refused.
    #[schema(min_length = 1)]
    id: String,
}

impl Operation for RedriveRequest {
    type Answer = EventAnswer;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/events/{id}/redrive",
        id: "redriveEvent",
        summary: "Redrive a dead event, with its attempts and time counted from zero",
        scope: Some(Scope::InboxWrite),
        problems: &[StatusCode::NOT_FOUND, StatusCode::SERVICE_UNAVAILABLE],
    };

    async fn answer(self, api: Arc<Api>) -> Result<EventAnswer, Problem> {
        Ok(EventAnswer { event: make_due(&api, &self.id, Status::Dead).await?.into() })
    }
}
