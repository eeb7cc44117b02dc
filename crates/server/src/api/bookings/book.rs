//! POST /v1/bookings

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::fensi::{AuthOpenId, Fen, Reference, check_identifier, check_state};

use super::show::BookingAnswer;
use crate::api::Api;
use crate::api::fault::{Fault, Faults};
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::Problem;

/// A QR code that another program requested.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct BookRequest {
    /// The user who is to follow.
    #[schema(min_length = 1, max_length = 255, format = "id")]
    auth_open_id: String,
    /// The device, one of `serve.keys`.
    #[schema(min_length = 1, max_length = 255, format = "id")]
    key: String,
    /// The account, out of the answer with the QR code.
    #[schema(min_length = 1, max_length = 255, format = "id")]
    appid: String,
    /// The text that the push must bring back.
    #[schema(min_length = 1, max_length = 1024, format = "state")]
    state: Option<String>,
    /// Your own text, such as an order's number: it comes back in the delivery, and the vendor never sees it.
    #[schema(min_length = 1, max_length = 200, format = "reference")]
    reference: Option<String>,
    /// The bid out of the answer with the QR code, in fen.
    #[schema(minimum = 0)]
    bid: Option<u64>,
    /// Seconds for which the push is to be expected.
    #[schema(minimum = 1, maximum = 31_536_000)]
    ttl_s: u64,
}

impl Operation for BookRequest {
    type Answer = BookingAnswer;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/bookings",
        id: "book",
        summary: "Book a QR code that another program requested, so that its push is expected",
        scope: Some(Scope::Bookings),
        problems: &[StatusCode::NOT_IMPLEMENTED, StatusCode::SERVICE_UNAVAILABLE],
    };

    async fn answer(self, api: Arc<Api>) -> Result<BookingAnswer, Problem> {
        let developer = api.config.fensi.develop_appid().map_err(weifen::SetupError::from)?;
        let mut faults = Faults::default();
        let is_ours = api.config.serve.check_device(&self.key);
        faults.value(is_ours.map_err(|foreign| Fault::in_body("key", foreign.to_string())));
        faults.value(check_identifier("key", &self.key));
        faults.value(check_identifier("appid", &self.appid));
        faults.value(self.state.as_deref().map_or(Ok(()), |state| check_state("state", state)));
        let user = faults.value(AuthOpenId::new(self.auth_open_id));
        let reference = faults.value(self.reference.map(Reference::new).transpose());
        let (user, reference) = faults.whole(user.zip(reference))?;
        let ttl = Duration::from_secs(self.ttl_s);
        let mut booking = weifen::inbox::Booking::new(developer, user, self.key, self.appid, ttl);
        (booking.state, booking.reference, booking.bid) = (self.state, reference, self.bid.map(Fen));
        let kept = api.inbox.keep_booking(&booking).await?.ok_or_else(Problem::internal)?;
        Ok(BookingAnswer { booking: kept.into() })
    }
}
