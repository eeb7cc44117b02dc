#![doc = include_str!("../README.md")]
//!
//! ## Call an operation
//! [`Weiting::builder`] makes the client. It has one method per operation, such as [`Weiting::openid_by_code`], and
//! [`Weiting::call`] for any request.
//!
//! ## Decide after a failed call
//! [`CallError::outcome`](transport::CallError::outcome) says whether the call may have taken effect,
//! [`CallError::refusal`](transport::CallError::refusal) what the vendor refused; match [`Refusal::kind`].
//!
//! ## Share the token
//! [`WeitingBuilder::token_store`] takes a [`token::FileStore`], a [`token::RedisStore`] or your own
//! [`token::TokenStore`]. [`token::TokenPolicy`] sets the token's life and the daily limit. [`Weiting::tokens`] is the
//! [`token::TokenManager`].
//!
//! ## Plug in a transport
//! [`WeitingBuilder::transport`] takes a [`transport::Transport`].
//!
//! ## Configure retries
//! [`WeitingBuilder::repeats`] takes a [`transport::RepeatPolicy`].
//!
//! ## Use plain http, or another address
//! [`WeitingBuilder::base_url`] and [`WeitingBuilder::plaintext`].
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
