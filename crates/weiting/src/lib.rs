#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
#[cfg(feature = "cassette")]
pub mod cassette;
mod client;
pub mod token;
mod vendor_api;

pub use builder::WeitingBuilder;
pub use client::Weiting;
pub use vendor_api::BodyEncoding;
/// The operations of 微厅 as values: requests, answers, identifiers.
pub use weifen_proto::weiting::*;
pub use weifen_proto::{InvalidRequest, Refusal, RefusalKind};
pub use weifen_transport as transport;
