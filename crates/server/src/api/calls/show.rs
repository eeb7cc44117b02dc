//! GET /v1/calls/{key}

use std::sync::Arc;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::journal::CallKey;

use super::Call;
use crate::api::Api;
use crate::api::fault::Fault;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::{Kind, Problem};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct CallRequest {
    /// The key under which you made it.
    #[schema(min_length = 1)]
    key: String,
    #[serde(skip)]
    #[schema(ignore)]
    caller: String,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CallAnswer {
    call: Call,
}

impl Operation for CallRequest {
    type Answer = CallAnswer;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/calls/{key}",
        id: "call",
        summary: "Outcome of one of your calls. Nothing is sent",
        scope: Some(Scope::Calls),
        problems: &[StatusCode::NOT_FOUND, StatusCode::SERVICE_UNAVAILABLE],
    };

    fn called_by(&mut self, caller: &str) {
        caller.clone_into(&mut self.caller);
    }

    async fn answer(self, api: Arc<Api>) -> Result<CallAnswer, Problem> {
        let key = CallKey::new(self.caller, &self.key);
        let key = key.map_err(|error| Fault::of_parameter("key", error.to_string()))?;
        let call = api.journal.call(&key).await?;
        let call = call.ok_or_else(|| Problem::new(Kind::NotFound, "you made no call under this key"))?;
        // The key itself may be erased, and its asker has it.
        Ok(CallAnswer { call: Call { key: Some(key.as_str().to_owned()), ..call.into() } })
    }
}
