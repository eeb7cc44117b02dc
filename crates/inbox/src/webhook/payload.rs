//! The body of a delivery.

use jiff::Timestamp;
use serde::Serialize;
use weifen_fensi::Push;
use weifen_transport::Bytes;

use crate::FollowEvent;

#[derive(Serialize)]
struct Payload<'a> {
    r#type: &'static str,
    timestamp: String,
    data: &'a Push,
}

/// The same bytes for the same event, at every attempt. `None` where its time is none that can be written.
pub(super) fn bytes(event: &FollowEvent) -> Option<Bytes> {
    let timestamp = Timestamp::try_from(event.received_at).ok()?.to_string();
    let payload = Payload { r#type: "fensi.follow", timestamp, data: &event.push };
    serde_json::to_vec(&payload).ok().map(Bytes::from)
}
