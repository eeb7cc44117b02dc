//! The client of 微厅, against transports of its own and against the sandbox.

mod base_url;
mod bound_user;
mod canned;
mod encoding;
#[cfg(unix)]
mod file_store;
mod replay;
mod sandbox;
mod scenarios;
mod stores;
mod token;
