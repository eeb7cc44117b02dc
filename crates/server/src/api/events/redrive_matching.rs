//! POST /v1/events/redrive

use std::sync::Arc;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::inbox::{EventFilter, Status};

use super::span;
use crate::api::Api;
use crate::api::fault::Fault;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::Problem;

/// The dead events that are meant: all that match.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct RedriveMatchingRequest {
    /// Only events that came in at this time or later.
    #[schema(format = DateTime)]
    received_after: Option<String>,
    /// Only events that came in before this time.
    #[schema(format = DateTime)]
    received_before: Option<String>,
    /// Only events of this device.
    #[schema(min_length = 1)]
    key: Option<String>,
    /// True to count the events and change nothing.
    dry_run: bool,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct RedriveMatchingAnswer {
    /// Number of dead events that match.
    matched: u64,
    /// Number of events that are now pending.
    redriven: u64,
}

impl Operation for RedriveMatchingRequest {
    type Answer = RedriveMatchingAnswer;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/events/redrive",
        id: "redriveEvents",
        summary: "Redrive all dead events that match, or count them",
        scope: Some(Scope::InboxWrite),
        problems: &[StatusCode::SERVICE_UNAVAILABLE],
    };

    async fn answer(self, api: Arc<Api>) -> Result<RedriveMatchingAnswer, Problem> {
        let filter = EventFilter::new().device(self.key.unwrap_or_default());
        let filter = span(filter, self.received_after.as_deref(), self.received_before.as_deref(), Fault::in_body)?;
        let matched = api.inbox.count_matching(Status::Dead, &filter).await?;
        let redriven = if self.dry_run { 0 } else { api.inbox.redrive_matching(&filter).await? };
        Ok(RedriveMatchingAnswer { matched, redriven })
    }
}
