//! The inbox, tried as its users would.

mod dispatcher;
mod once;
mod server_lock;
mod scripted;
#[cfg(feature = "receiver")]
mod receiver;
mod support;
mod unsolicited;
mod webhook;
