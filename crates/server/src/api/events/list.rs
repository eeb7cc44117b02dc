//! GET /v1/events

use std::sync::Arc;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use weifen::config::Scope;
use weifen::inbox::{EventFilter, Status};

use super::span;
use crate::EventRow;
use crate::api::fault::Fault;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::Problem;
use crate::api::{Api, page};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct EventsRequest {
    #[schema(schema_with = status_schema)]
    status: Option<EventStatus>,
    /// Only events of this user.
    #[schema(min_length = 1)]
    auth_open_id: Option<String>,
    /// Only events of this device.
    #[schema(min_length = 1)]
    key: Option<String>,
    /// Only events of this account.
    #[schema(min_length = 1)]
    appid: Option<String>,
    /// Only events of bookings with this reference.
    #[schema(min_length = 1)]
    reference: Option<String>,
    /// Only events that came in at this time or later.
    #[schema(format = DateTime)]
    received_after: Option<String>,
    /// Only events that came in before this time.
    #[schema(format = DateTime)]
    received_before: Option<String>,
    /// `next_cursor` of the page before.
    #[schema(format = "cursor")]
    cursor: Option<String>,
    /// Number of events at most; 100 if absent.
    #[schema(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum EventStatus {
    Pending,
    Held,
    Delivered,
    Dead,
}

impl From<EventStatus> for Status {
    fn from(status: EventStatus) -> Self {
        match status {
            EventStatus::Pending => Self::Pending,
            EventStatus::Held => Self::Held,
            EventStatus::Delivered => Self::Delivered,
            EventStatus::Dead => Self::Dead,
        }
    }
}

fn status_schema() -> Object {
    let words = [Status::Pending, Status::Held, Status::Delivered, Status::Dead].map(Status::as_str);
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
    schema.description(Some("Only events of this status.")).build()
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct EventsAnswer {
    /// The newest first.
    events: Vec<EventRow>,
    /// The next page's `cursor`; null where there is none.
    next_cursor: Option<String>,
}

impl Operation for EventsRequest {
    type Answer = EventsAnswer;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/events",
        id: "events",
        summary: "Events, the newest first",
        scope: Some(Scope::InboxRead),
        problems: &[StatusCode::SERVICE_UNAVAILABLE],
    };

    async fn answer(self, api: Arc<Api>) -> Result<EventsAnswer, Problem> {
        let filter = EventFilter::new()
            .user(self.auth_open_id.unwrap_or_default())
            .device(self.key.unwrap_or_default())
            .account(self.appid.unwrap_or_default())
            .reference(self.reference.unwrap_or_default());
        let (after, before) = (self.received_after.as_deref(), self.received_before.as_deref());
        let filter = span(filter, after, before, Fault::of_parameter)?;
        let limit = self.limit.unwrap_or(page::LIMIT);
        let before = page::before(self.cursor.as_deref());
        let events = api.inbox.matching_events(self.status.map(Status::from), &filter, before, limit).await?;
        let next_cursor = page::next_cursor(events.last().map(|last| last.id), events.len() >= limit as usize);
        Ok(EventsAnswer { events: events.into_iter().map(EventRow::from).collect(), next_cursor })
    }
}
