//! GET /v1/bookings/{id}/status: for the page on the machine's screen, which has no key

use std::sync::Arc;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::inbox::BookingStatus;

use super::{While, waited_for};
use crate::api::Api;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct BookingStatusRequest {
    /// The booking. Its id is the secret that lets the caller ask.
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
pub(in crate::api) struct BookingStatusAnswer {
    /// As in a booking. It shows thanks on a screen; only a delivery hands out goods.
    #[schema(value_type = String)]
    status: BookingStatus,
}

impl Operation for BookingStatusRequest {
    type Answer = BookingStatusAnswer;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/bookings/{id}/status",
        id: "bookingStatus",
        summary: "A booking's status, at once or when it changes, for pages of `api.origins`",
        scope: None,
        problems: &[StatusCode::NOT_FOUND, StatusCode::SERVICE_UNAVAILABLE],
    };

    const ENDS_WITH_CALLER: bool = true;

    async fn answer(self, api: Arc<Api>) -> Result<BookingStatusAnswer, Problem> {
        let kept = waited_for(&api, &self.id, self.wait_s, self.status).await?;
        Ok(BookingStatusAnswer { status: kept.status })
    }
}
