#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod call;
mod fingerprint;
mod finish;
mod journal;
mod key;
mod row;
mod store;

pub use call::{Answer, Call, Outcome};
pub use fingerprint::Fingerprint;
pub use finish::Finish;
pub use journal::{Begun, End, Ended, Journal, NewCall, Sending, Times};
pub use key::{CallKey, InvalidKey};
/// What a [`Finish`] writes with.
pub use sqlx::Error as DatabaseError;
pub use weifen_database::Writing;
