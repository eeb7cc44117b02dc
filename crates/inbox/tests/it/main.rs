//! The inbox, tried as its users would.

mod once;
mod server_lock;
mod support;
mod unsolicited;
