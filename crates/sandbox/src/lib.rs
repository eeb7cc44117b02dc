#![doc = include_str!("../README.md")]

mod body;
mod builder;
mod clock;
mod control;
mod error;
mod exchange;
mod faults;
mod fensi;
mod log;
mod paced;
mod parameters;
mod ready;
mod sandbox;
mod sequence;
mod server;
mod settings;
mod socket;
pub mod test_data;
mod weiting;
mod world;

pub use builder::Builder;
pub use error::{ControlError, StartError};
pub use faults::{Fault, FaultKind};
pub use fensi::follow::Follow;
pub use fensi::followed::Followed;
pub use fensi::outbox::ReleaseOrder;
pub use fensi::push::Delivery;
pub use fensi::shape::PushShape;
pub use log::LogEntry;
pub use ready::Ready;
pub use sandbox::Sandbox;
