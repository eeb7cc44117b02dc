#![doc = include_str!("../README.md")]
//!
//! ## Receive pushes
//! [`Inbox::open`], then [`Inbox::receiving`] with [`Rules`]. [`Receiver`] is the HTTP side; with your own web
//! framework call [`Intake::receive`] with a [`Packet`].
//!
//! ## Deliver events
//! Implement [`Handler`] and start a [`Dispatcher`]. [`HandlerError`] says whether to retry. [`Webhook`] posts events
//! to a program in any language. [`DispatchPolicy`] sets leases, backoff and when an event is dead.
//!
//! ## Book QR codes
//! [`Inbox`] implements [`Bookings`]. [`Inbox::keep_booking`] returns the [`KeptBooking`], and [`Inbox::missing`]
//! lists bookings without a push.
//!
//! ## Release, redrive, readmit
//! [`Inbox::release_matching`] and [`Inbox::redrive_matching`] take an [`EventFilter`]; [`Intake::readmit`] judges
//! quarantine again; [`Inbox::resume_deliveries`] ends a pause.
//!
//! ## Watch it
//! [`Inbox::stats`], [`Inbox::metrics`], and [`Admin`] for `/healthz`, `/readyz` and `/metrics`.
//!
//! ## Back up, restore, purge
//! [`Inbox::back_up`], [`Restored::from_backup`], [`Inbox::purge`].
#![cfg_attr(docsrs, feature(doc_cfg))]

mod admission;
mod arrival;
mod causes;
mod dispatcher;
mod event;
mod filter;
mod identity;
mod inbox;
mod intake;
mod kept_booking;
mod metrics;
mod packet;
mod payload;
mod pull;
#[cfg(feature = "receiver")]
mod receiver;
mod rules;
mod seldom;
mod store;
mod tail;
mod undecodable_status;
mod unwanted;
mod waiting;
mod webhook;

pub use dispatcher::{DispatchPolicy, Dispatcher, DispatcherBuilder, Handler, HandlerError, InvalidPolicy};
pub use event::{Event, EventBooking, FollowEvent, HoldReason, MissingPush, Quarantined, Status};
pub use filter::EventFilter;
pub use identity::IdempotencyKey;
pub use inbox::Inbox;
pub use intake::Intake;
pub use kept_booking::{BookingStatus, KeptBooking};
pub use packet::Packet;
pub use pull::{Ack, AckOutcome, AckResult, ClaimError, Delivery, Pull};
#[cfg(feature = "receiver")]
pub use receiver::{Admin, HttpServer, LISTEN_HEADER, PushSecrets, Receiver, ServerLimits, WeakSecret};
pub use rules::{Rules, SecondFollow, Unsolicited};
pub use store::{
    Backup, BackupError, Inspection, Purged, QuarantineFilter, Readmitted, Receipt, Restored, Since, Stats,
};
pub use tail::{Change, ChangeKind, Tail};
pub use undecodable_status::UndecodableStatus;
pub use webhook::{InvalidWebhook, Webhook};
pub use weifen_database::{Database, OpenError, ServerLock};
pub use weifen_fensi::{Booking, Bookings, Push};
/// The transport that a [`Webhook`] posts with, and the traits that a [`Handler`] is written with.
pub use weifen_transport as transport;
