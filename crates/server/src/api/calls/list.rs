//! GET /v1/calls

use std::sync::Arc;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::journal;

use super::Call;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::Problem;
use crate::api::{Api, page};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct CallsRequest {
    #[serde(default)]
    #[schema(value_type = Outcome, inline)]
    outcome: Option<Outcome>,
    /// `next_cursor` of the page before.
    #[schema(format = "cursor")]
    cursor: Option<String>,
    /// Number of calls at most; 100 if absent.
    #[schema(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    #[serde(skip)]
    #[schema(ignore)]
    caller: String,
}

/// Only calls with this outcome.
#[derive(Deserialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Begun,
    Done,
    Refused,
    Unknown,
    Free,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CallsAnswer {
    /// The newest first.
    calls: Vec<Call>,
    /// The next page's `cursor`; null where there is none.
    next_cursor: Option<String>,
}

impl Operation for CallsRequest {
    type Answer = CallsAnswer;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/calls",
        id: "calls",
        summary: "Calls that you made under a key, the newest first",
        scope: Some(Scope::Calls),
        problems: &[StatusCode::SERVICE_UNAVAILABLE],
    };

    fn called_by(&mut self, caller: &str) {
        caller.clone_into(&mut self.caller);
    }

    async fn answer(self, api: Arc<Api>) -> Result<CallsAnswer, Problem> {
        let before = page::before(self.cursor.as_deref());
        let limit = self.limit.unwrap_or(page::LIMIT);
        let outcome = self.outcome.map(journal::Outcome::from);
        let calls = api.journal.calls(&self.caller, outcome, before, limit).await?;
        let next_cursor = page::next_cursor(calls.last().map(|last| last.number), calls.len() >= limit as usize);
        Ok(CallsAnswer { calls: calls.into_iter().map(Call::from).collect(), next_cursor })
    }
}

impl From<Outcome> for journal::Outcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Begun => Self::Begun,
            Outcome::Done => Self::Done,
            Outcome::Refused => Self::Refused,
            Outcome::Unknown => Self::Unknown,
            Outcome::Free => Self::Free,
        }
    }
}
