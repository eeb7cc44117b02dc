//! The tests of the facade.

mod clients;
mod config;
#[cfg(feature = "inbox")]
mod inbox;
