//! GET /v1/bookings/{id}

use std::sync::Arc;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;

use super::{Booking, While, waited_for};
use crate::api::Api;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct BookingRequest {
    /// The booking.
    #[schema(min_length = 1)]
    id: String,
    /// Seconds until an answer at the latest.
    #[schema(maximum = 30)]
    wait_s: Option<u64>,
    #[serde(rename = "while", default)]
    #[schema(inline)]
    status: While,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct BookingAnswer {
    pub(super) booking: Booking,
}

impl Operation for BookingRequest {
    type Answer = BookingAnswer;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/bookings/{id}",
        id: "booking",
        summary: "A booking, at once or when its status changes",
        scope: Some(Scope::InboxRead),
        problems: &[StatusCode::NOT_FOUND, StatusCode::SERVICE_UNAVAILABLE],
    };

    const ENDS_WITH_CALLER: bool = true;

    async fn answer(self, api: Arc<Api>) -> Result<BookingAnswer, Problem> {
        let kept = waited_for(&api, &self.id, self.wait_s, self.status).await?;
        Ok(BookingAnswer { booking: kept.into() })
    }
}
