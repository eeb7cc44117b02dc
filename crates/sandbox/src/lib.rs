#![doc = include_str!("../README.md")]
//!
//! ## Start it in a test
//! [`Sandbox::start`], or [`Sandbox::builder`] with options. [`Sandbox::weiting_base_url`] and
//! [`Sandbox::fensi_base_url`] are the addresses for the program under test. [`test_data`] has the values that the
//! sandbox knows.
//!
//! ## Send a push
//! [`Sandbox::follow`] with a [`Follow`]; [`Sandbox::release`] sends held pushes.
//!
//! ## Make a call fail
//! [`Sandbox::set_faults`] with a [`Fault`] of a [`FaultKind`]; [`Builder::chaos`] mixes all of them.
//!
//! ## Move the clock
//! [`Sandbox::advance`].
//!
//! ## See what arrived
//! [`Sandbox::log`] lists each request as a [`LogEntry`]; [`Sandbox::state`] is all that the sandbox knows.

mod builder;
mod catalogue;
mod checked_faults;
mod clock;
mod control;
mod error;
mod exchange;
mod faults;
mod fensi;
mod log;
mod operation;
mod ready;
mod sandbox;
mod sequence;
mod server;
mod start_options;
pub mod test_data;
mod vendor;
mod weiting;
mod wire;
mod world;

pub use builder::Builder;
pub use error::{ControlError, StartError};
pub use faults::fault::{Fault, FaultKind};
pub use fensi::delivery::Delivery;
pub use fensi::follow::Follow;
pub use fensi::outbox::ReleaseOrder;
pub use fensi::outgoing::PushReport;
pub use fensi::packet::PushShape;
pub use log::LogEntry;
pub use ready::Ready;
pub use sandbox::Sandbox;
