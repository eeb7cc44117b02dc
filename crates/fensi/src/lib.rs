#![doc = include_str!("../README.md")]
//!
//! ## Call an operation
//! [`Fensi::builder`] makes the client. It has one method per operation, such as [`Fensi::qrcode`], and
//! [`Fensi::call`] for any request.
//!
//! ## Decide after a failed call
//! [`CallError::outcome`](transport::CallError::outcome) says whether the call may have taken effect,
//! [`CallError::refusal`](transport::CallError::refusal) what the vendor refused; match [`Refusal::kind`].
//!
//! ## Read a push
//! [`Push::parse`]. Parsing proves nothing: use the crate `weifen-inbox` to store, check and deliver pushes.
//!
//! ## Book QR codes
//! [`FensiBuilder::bookings`] takes a [`Bookings`], such as the inbox. [`FensiBuilder::reference`] gives each booking
//! a text of your own, [`FensiBuilder::random_states`] a secret state.
//!
//! ## Plug in a transport
//! [`FensiBuilder::transport`] takes a [`transport::Transport`].
//!
//! ## Configure retries
//! [`FensiBuilder::repeats`] takes a [`transport::RepeatPolicy`].
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
