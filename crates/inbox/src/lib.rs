#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod admission;
mod arrival;
mod builder;
mod causes;
mod database;
mod dialect;
mod dispatcher;
mod event;
mod filter;
mod group_commit;
mod identity;
mod inbox;
mod metrics;
mod milliseconds;
mod open_error;
mod packet;
#[cfg(feature = "receiver")]
mod receiver;
mod regular_file;
mod rules;
mod seldom;
mod server_lock;
mod store;
mod undecodable_status;
mod webhook;

pub use builder::InboxBuilder;
pub use database::Database;
pub use dispatcher::{DispatchPolicy, Dispatcher, DispatcherBuilder, Handler, HandlerError, InvalidPolicy};
pub use event::{Event, FollowEvent, HoldReason, MissingPush, Quarantined, Status};
pub use filter::EventFilter;
pub use identity::IdempotencyKey;
pub use inbox::Inbox;
pub use open_error::OpenError;
pub use packet::Packet;
#[cfg(feature = "receiver")]
pub use receiver::{Admin, HttpServer, LISTEN_HEADER, PushSecrets, Receiver, ServerLimits, WeakSecret};
pub use rules::{Rules, SecondFollow, Unsolicited};
pub use server_lock::ServerLock;
pub use store::{Inspection, Purged, QuarantineFilter, Readmitted, Receipt, Stats};
pub use undecodable_status::UndecodableStatus;
pub use webhook::{InvalidWebhook, Webhook};
/// What a [`Webhook`] posts with, and what a [`Handler`] is written with.
pub use weifen_fensi::transport;
pub use weifen_fensi::{Booking, Bookings, Push};
