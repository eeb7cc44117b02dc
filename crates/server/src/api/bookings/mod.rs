//! Bookings: one for each QR code that was given out.

pub(super) mod book;
pub(super) mod list;
pub(super) mod show;
pub(super) mod status;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use utoipa::ToSchema;
use weifen::fensi::Fen;
use weifen::inbox::{BookingStatus, KeptBooking};

use super::Api;
use super::problem::{Kind, Problem};
use super::times::at;

/// A booking: one for each QR code that was given out.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Booking {
    /// A time and 128 random bits. Whoever has it may ask for the status.
    id: String,
    /// `open`, `followed`, `held`, `ended`, `replaced` or `repeated`; more may come.
    #[schema(value_type = String)]
    status: BookingStatus,
    auth_open_id: String,
    /// The device.
    key: String,
    /// The account.
    appid: String,
    /// The text that the push must bring back.
    state: Option<String>,
    /// Your own text.
    reference: Option<String>,
    /// The bid that the answer with the QR code told, in fen.
    #[schema(value_type = Option<i64>)]
    bid: Option<Fen>,
    #[schema(format = DateTime)]
    booked_at: String,
    /// The time from which on no push is expected.
    #[schema(format = DateTime)]
    ends_at: String,
    /// The number of its event; of `repeated` the one that was paid before.
    event_id: Option<i64>,
}

impl From<KeptBooking> for Booking {
    fn from(kept: KeptBooking) -> Self {
        Self {
            id: kept.id,
            status: kept.status,
            auth_open_id: kept.auth_open_id,
            key: kept.key,
            appid: kept.appid,
            state: kept.state,
            reference: kept.reference.map(|reference| reference.as_str().to_owned()),
            bid: kept.bid,
            booked_at: at(kept.booked_at),
            ends_at: at(kept.ends_at),
            event_id: kept.event_id,
        }
    }
}

/// The status during which the request waits; `open` if absent.
#[derive(Deserialize, ToSchema, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum While {
    #[default]
    Open,
    Followed,
    Held,
    Ended,
    Replaced,
    Repeated,
}

impl From<While> for BookingStatus {
    fn from(status: While) -> Self {
        match status {
            While::Open => Self::Open,
            While::Followed => Self::Followed,
            While::Held => Self::Held,
            While::Ended => Self::Ended,
            While::Replaced => Self::Replaced,
            While::Repeated => Self::Repeated,
        }
    }
}

/// Returns a booking once its status is another one, else as it is after the wait, or when the server ends.
async fn waited_for(api: &Api, id: &str, wait_s: Option<u64>, status: While) -> Result<KeptBooking, Problem> {
    let place = api.waiters.try_acquire();
    let wait = if place.is_ok() { Duration::from_secs(wait_s.unwrap_or_default()) } else { Duration::ZERO };
    let end = async {
        tokio::select! {
            () = sleep(wait) => {}
            () = api.is_ending() => {}
        }
    };
    let found = if wait.is_zero() {
        api.inbox.booking(id).await
    } else {
        api.inbox.booking_until(id, status.into(), end).await
    };
    found?.ok_or_else(|| Problem::new(Kind::NotFound, "no booking has this id"))
}
