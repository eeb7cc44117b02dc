//! The inbox, tried as its users would.

mod once;
mod support;
mod unsolicited;
