//! GET /v1/quarantine

use std::sync::Arc;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;

use crate::QuarantineRow;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::Problem;
use crate::api::{Api, page};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct QuarantineRequest {
    /// `next_cursor` of the page before.
    #[schema(format = "cursor")]
    cursor: Option<String>,
    /// Number of entries at most; 100 if absent. Where their bodies are long there are fewer.
    #[schema(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct QuarantineAnswer {
    /// The newest first.
    entries: Vec<QuarantineRow>,
    /// The next page's `cursor`; null where there is none.
    next_cursor: Option<String>,
}

impl Operation for QuarantineRequest {
    type Answer = QuarantineAnswer;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/quarantine",
        id: "quarantine",
        summary: "Pushes that are not ours or not readable, the newest first",
        scope: Some(Scope::InboxRead),
        problems: &[StatusCode::SERVICE_UNAVAILABLE],
    };

    async fn answer(self, api: Arc<Api>) -> Result<QuarantineAnswer, Problem> {
        let before = page::before(self.cursor.as_deref());
        let (entries, has_more) = api.inbox.quarantined_before(before, self.limit.unwrap_or(page::LIMIT)).await?;
        let next_cursor = page::next_cursor(entries.last().map(|last| last.id), has_more);
        Ok(QuarantineAnswer { entries: entries.into_iter().map(QuarantineRow::from).collect(), next_cursor })
    }
}
