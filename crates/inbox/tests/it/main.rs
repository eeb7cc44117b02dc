//! The inbox, tried as its users would.

mod dispatcher;
mod once;
mod scripted;
mod support;
mod unsolicited;
mod webhook;
