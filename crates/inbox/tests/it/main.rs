//! The inbox, tried as its users would.

mod once;
#[cfg(feature = "receiver")]
mod receiver;
mod support;
mod unsolicited;
