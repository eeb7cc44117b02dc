//! GET /v1/bookings

use std::sync::Arc;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;

use super::Booking;
use crate::api::Api;
use crate::api::fault::Fault;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::Problem;

/// Number of bookings in an answer that asks for no other.
const LIMIT: u32 = 100;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct BookingsRequest {
    /// Only bookings of this reference.
    #[schema(min_length = 1)]
    reference: Option<String>,
    /// Only bookings of this user.
    #[schema(min_length = 1)]
    auth_open_id: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Number of bookings at most; 100 if absent.
    #[schema(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct BookingsAnswer {
    /// The newest first.
    bookings: Vec<Booking>,
    /// The next page's `cursor`; null where there is none.
    next_cursor: Option<String>,
}

impl Operation for BookingsRequest {
    type Answer = BookingsAnswer;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/bookings",
        id: "bookings",
        summary: "Bookings, the newest first",
        scope: Some(Scope::InboxRead),
        problems: &[StatusCode::SERVICE_UNAVAILABLE],
    };

    async fn answer(self, api: Arc<Api>) -> Result<BookingsAnswer, Problem> {
        let before = match &self.cursor {
            None => i64::MAX,
            Some(cursor) => cursor.parse().map_err(|_| Fault::of_parameter("cursor", "expected a next_cursor"))?,
        };
        let limit = self.limit.unwrap_or(LIMIT);
        let (reference, user) = (self.reference.as_deref(), self.auth_open_id.as_deref());
        let kept = api.inbox.bookings(reference, user, before, limit).await?;
        let is_full = kept.len() >= limit as usize;
        let next_cursor = kept.last().filter(|_| is_full).map(|last| last.number.to_string());
        Ok(BookingsAnswer { bookings: kept.into_iter().map(Booking::from).collect(), next_cursor })
    }
}
