#![doc = include_str!("../README.md")]

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
