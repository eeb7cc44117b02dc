//! POST /v1/deliveries/ack

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::inbox::{self, AckOutcome, AckResult, HandlerError};

use crate::api::Api;
use crate::api::fault::Fault;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct AckRequest {
    /// In any order; each has `ok` or `extend_s`.
    #[schema(inline, min_items = 1, max_items = 100)]
    acks: Vec<Ack>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Ack {
    /// The delivery's `id`.
    id: i64,
    /// The delivery's `lease`.
    #[schema(min_length = 1)]
    lease: String,
    /// true: it was taken. false: it was not, and may be claimed again after a backoff.
    ok: Option<bool>,
    /// With `ok` false: seconds until it may be claimed again, unless its backoff is longer.
    #[schema(maximum = 3600)]
    retry_after_s: Option<u64>,
    /// With `ok` false: what went wrong, for those who run the shop. 200 characters are kept; no personal data.
    error: Option<String>,
    /// In the place of `ok`: seconds from now until the lease ends, as the consumer works on.
    #[schema(minimum = 1, maximum = 3600)]
    extend_s: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct AckAnswer {
    /// In the order of the request.
    results: Vec<Acknowledged>,
}

#[derive(Serialize, ToSchema)]
struct Acknowledged {
    /// The delivery.
    id: i64,
    /// `done`, now or since the same was said before; or `overtaken`: the lease had ended and another consumer has
    /// claimed the event, the lease was acknowledged otherwise, or there is no such lease. Nothing has changed then.
    #[schema(value_type = String)]
    result: &'static str,
}

impl Operation for AckRequest {
    type Answer = AckAnswer;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/deliveries/ack",
        id: "acknowledgeDeliveries",
        summary: "Acknowledge claimed deliveries as delivered or failed, or extend their leases",
        scope: Some(Scope::Deliveries),
        problems: &[StatusCode::SERVICE_UNAVAILABLE],
    };

    async fn answer(self, api: Arc<Api>) -> Result<AckAnswer, Problem> {
        let (mut acks, mut faults) = (Vec::with_capacity(self.acks.len()), Vec::new());
        for (at, ack) in self.acks.into_iter().enumerate() {
            match ack.outcome() {
                Ok(outcome) => acks.push(inbox::Ack { id: ack.id, lease: ack.lease, outcome }),
                Err(fault) => faults.push(fault.within(&format!("acks/{at}"))),
            }
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let ids: Vec<_> = acks.iter().map(|ack| ack.id).collect();
        let results = api.pull.acknowledge(acks).await?;
        let results = ids.into_iter().zip(results).map(|(id, result)| Acknowledged { id, result: word(result) });
        Ok(AckAnswer { results: results.collect() })
    }
}

impl Ack {
    fn outcome(&self) -> Result<AckOutcome, Fault> {
        let says_why = self.retry_after_s.is_some() || self.error.is_some();
        match (self.ok, self.extend_s) {
            (None, None) => Err(Fault::of_body("expected ok or extend_s")),
            (Some(_), Some(_)) => {
                Err(Fault::in_body("extend_s", "must not be given together with ok: an acknowledged lease has ended"))
            }
            (Some(true) | None, _) if says_why => {
                let field = if self.error.is_some() { "error" } else { "retry_after_s" };
                Err(Fault::in_body(field, "is allowed only if ok is false"))
            }
            (Some(true), None) => Ok(AckOutcome::Taken),
            (None, Some(seconds)) => Ok(AckOutcome::Extend(Duration::from_secs(seconds))),
            (Some(false), None) => {
                let why = self.error.as_deref().unwrap_or("the consumer reported a failure");
                let wait = self.retry_after_s.map(Duration::from_secs);
                let error = wait.map_or_else(|| HandlerError::retry(why), |wait| HandlerError::retry_after(why, wait));
                Ok(AckOutcome::NotTaken(error))
            }
        }
    }
}

fn word(result: AckResult) -> &'static str {
    match result {
        AckResult::Done => "done",
        AckResult::Overtaken => "overtaken",
    }
}
