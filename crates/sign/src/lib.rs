#![doc = include_str!("../README.md")]
//!
//! ## Sign a call
//! [`Stamp::new`], then [`Stamp::sign`]. Send the parameters of the [`SignedStamp`] and no others.
//!
//! ## Verify a call
//! [`Stamp::verify`] compares in constant time.

mod decimal;
mod signature;
mod stamp;

pub use signature::Signature;
pub use stamp::{SignedStamp, Stamp};
