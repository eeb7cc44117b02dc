//! The client of 微厅, against transports of its own and against the sandbox.

mod base_url;
mod bound_user;
mod broken_stores;
mod canned;
mod days;
mod encoding;
mod fetching;
#[cfg(unix)]
mod file_store;
mod needs_redis;
mod not_redis;
mod repeating;
mod replay;
mod sandbox;
#[path = "../../../../xtask/record/src/scenarios/weiting.rs"]
mod scenarios;
mod shared_token;
mod shelf;
mod stores;
mod token;
mod unsteady_store;
