//! POST /v1/deliveries/claim

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::sleep;
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::inbox::{self, ClaimError};

use crate::api::Api;
use crate::api::operation::{Method, Operation, Presence, Route};
use crate::api::problem::{Kind, Problem};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ClaimRequest {
    /// Number of deliveries at most. At most half of them were handed out before.
    #[schema(minimum = 1, maximum = 100)]
    max: u32,
    /// Seconds until an answer at the latest, where none is due.
    #[schema(maximum = 30)]
    wait_s: u64,
    /// Seconds until each of them is another consumer's, unless it is acknowledged or extended.
    #[schema(minimum = 1, maximum = 3600)]
    lease_s: u64,
    #[serde(skip)]
    #[schema(ignore)]
    caller: Presence,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ClaimAnswer {
    deliveries: Vec<Delivery>,
}

/// An event that this consumer holds until its lease ends.
#[derive(Serialize, ToSchema)]
struct Delivery {
    /// The event.
    id: i64,
    /// The event's permanent name, the same at each attempt: hand out nothing for one that was handled before.
    webhook_id: String,
    /// The name of this claim: acknowledge by it.
    lease: String,
    /// Number of times that it was handed out, this one included; counted anew after a redrive.
    attempt: u32,
    /// The body that would be posted to `serve.deliver_url`: `type`, `timestamp`, `data` with the push under the
    /// vendor's names, `booking`, and `bid_differs` where it is true.
    #[schema(value_type = Object)]
    payload: Box<RawValue>,
}

impl Operation for ClaimRequest {
    type Answer = ClaimAnswer;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/deliveries/claim",
        id: "claimDeliveries",
        summary: "Claim pending events, at once or as soon as an event is pending",
        scope: Some(Scope::Deliveries),
        problems: &[StatusCode::NOT_IMPLEMENTED, StatusCode::SERVICE_UNAVAILABLE],
    };

    fn watch(&mut self, caller: Presence) {
        self.caller = caller;
    }

    async fn answer(mut self, api: Arc<Api>) -> Result<ClaimAnswer, Problem> {
        if let Some(other_way) = &api.other_way {
            return Err(Problem::new(Kind::Config, *other_way)
                .with_hint("deliveries can be claimed only if serve.deliver_url is not set"));
        }
        if *api.ending.borrow() {
            return Ok(ClaimAnswer { deliveries: Vec::new() });
        }
        let place = api.waiters.try_acquire();
        let wait = if place.is_ok() { Duration::from_secs(self.wait_s) } else { Duration::ZERO };
        let end = async {
            if wait.is_zero() {
                return;
            }
            tokio::select! {
                () = sleep(wait) => {}
                () = api.is_ending() => {}
                () = self.caller.ends() => {}
            }
        };
        let claimed = api.pull.claim(self.max, Duration::from_secs(self.lease_s), end).await;
        let deliveries = claimed?.into_iter().map(Delivery::try_from).collect::<Result<_, _>>()?;
        Ok(ClaimAnswer { deliveries })
    }
}

impl TryFrom<inbox::Delivery> for Delivery {
    type Error = Problem;

    fn try_from(claimed: inbox::Delivery) -> Result<Self, Problem> {
        let payload = String::from_utf8(claimed.payload.into()).ok().and_then(|text| RawValue::from_string(text).ok());
        Ok(Self {
            id: claimed.id,
            webhook_id: claimed.webhook_id.to_string(),
            lease: claimed.lease,
            attempt: claimed.attempt,
            payload: payload.ok_or_else(Problem::internal)?,
        })
    }
}

impl From<ClaimError> for Problem {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Store(error) => error.into(),
            ClaimError::Handled => Self::new(Kind::Config, error.to_string())
                .with_hint("set serve.deliver_url for all servers of a database or for none, and restart this server"),
        }
    }
}
