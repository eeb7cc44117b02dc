#![doc = include_str!("../README.md")]
//!
//! ## Start a server
//! [`Server::builder`] with a [`Config`](weifen::Config), then [`Server::start`]. [`StartError`] says why it does not
//! start.
//!
//! ## Handle events
//! [`Server::handler`] takes a [`Handler`](weifen::inbox::Handler).
//!
//! ## Watch it, shut it down
//! [`Running::ready`], [`Running::admin_address`], [`Running::inbox`]; [`Running::drain`] shuts down in order.
//!
//! ## Describe the HTTP API
//! [`openapi`] and [`openapi_3_0`] return the documents.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
mod builder;
mod core_dumps;
mod deliveries;
mod expiry;
mod file_handles;
mod listeners;
mod metrics;
mod rows;
mod running;
mod start_error;
mod unbooked;

pub use api::{openapi, openapi_3_0};
pub use builder::Server;
pub use deliveries::Deliveries;
pub use rows::{EventRow, QuarantineRow};
pub use running::Running;
pub use start_error::StartError;
/// The configuration, and what a handler is written with.
pub use weifen;
