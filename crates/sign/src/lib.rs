#![doc = include_str!("../README.md")]

mod decimal;
mod signature;
mod stamp;

pub use signature::Signature;
pub use stamp::{SignedStamp, Stamp};
