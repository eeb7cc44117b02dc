//! The client of 粉丝万岁, against a transport of its own and against the sandbox.

mod base_url;
mod bookings;
mod canned;
mod encoding;
mod replay;
mod sandbox;
#[path = "../../../../xtask/record/src/scenarios/fensi.rs"]
mod scenarios;
mod signing;
