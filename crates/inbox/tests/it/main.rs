//! The inbox, tried as its users would.

mod dispatcher;
mod once;
#[cfg(feature = "receiver")]
mod receiver;
mod scripted;
mod server_lock;
mod support;
mod unsolicited;
mod webhook;
