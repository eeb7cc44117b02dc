#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod bookings;
mod builder;
#[cfg(feature = "cassette")]
pub mod cassette;
mod client;
mod nonce;

pub use bookings::{Booking, Bookings};
pub use builder::FensiBuilder;
pub use client::Fensi;
pub use nonce::{NonceSource, RandomNonces};
/// The operations of 粉丝万岁 as values: requests, answers, identifiers, the push.
pub use weifen_proto::fensi::*;
pub use weifen_proto::{Encoding, InvalidRequest, Refusal, RefusalKind, Undecodable};
pub use weifen_sign as sign;
pub use weifen_transport as transport;
