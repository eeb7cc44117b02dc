//! GET /v1/events/{id}

use std::sync::Arc;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;

use super::event;
use crate::EventRow;
use crate::api::Api;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct EventRequest {
    /// The event's number or its `webhook_id`.
    #[schema(min_length = 1)]
    id: String,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct EventAnswer {
    pub(super) event: EventRow,
}

impl Operation for EventRequest {
    type Answer = EventAnswer;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/events/{id}",
        id: "event",
        summary: "An event",
        scope: Some(Scope::InboxRead),
        problems: &[StatusCode::NOT_FOUND, StatusCode::SERVICE_UNAVAILABLE],
    };

    async fn answer(self, api: Arc<Api>) -> Result<EventAnswer, Problem> {
        Ok(EventAnswer { event: event(&api, &self.id).await?.into() })
    }
}
