#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod admission;
mod arrival;
mod database;
mod dialect;
mod event;
mod group_commit;
mod identity;
mod inbox;
mod metrics;
mod milliseconds;
mod open_error;
#[cfg(feature = "receiver")]
mod receiver;
mod rules;
mod store;

pub use database::Database;
pub use event::{Event, FollowEvent, HoldReason, MissingPush, Quarantined, Status};
pub use identity::IdempotencyKey;
pub use inbox::Inbox;
pub use open_error::OpenError;
#[cfg(feature = "receiver")]
pub use receiver::{PushSecrets, Receiver, Server, ServerLimits, UndecodableStatus, WeakSecret, admin};
pub use rules::{Rules, SecondFollow, Unsolicited};
pub use store::{Purged, Receipt, Stats};
pub use weifen_fensi::{Booking, Bookings, Push};
