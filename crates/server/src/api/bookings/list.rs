//! GET /v1/bookings

use std::sync::Arc;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;

use super::Booking;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::Problem;
use crate::api::{Api, page};

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
    #[schema(format = "cursor")]
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
        let before = page::before(self.cursor.as_deref());
        let limit = self.limit.unwrap_or(page::LIMIT);
        let (reference, user) = (self.reference.as_deref(), self.auth_open_id.as_deref());
        let kept = api.inbox.bookings(reference, user, before, limit).await?;
        let next_cursor = page::next_cursor(kept.last().map(|last| last.number), kept.len() >= limit as usize);
        Ok(BookingsAnswer { bookings: kept.into_iter().map(Booking::from).collect(), next_cursor })
    }
}
