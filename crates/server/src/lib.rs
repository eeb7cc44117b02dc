#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
mod builder;
mod core_dumps;
mod deliveries;
mod file_handles;
mod listeners;
mod running;
mod start_error;
mod unbooked;

pub use api::{openapi, openapi_3_0};
pub use builder::Server;
pub use running::Running;
pub use start_error::StartError;
/// The configuration, and what a handler is written with.
pub use weifen;
