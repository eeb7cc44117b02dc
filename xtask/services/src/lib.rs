//! The servers that tests need. Each test starts its own, on a free port and in a temporary folder; both end with it.
//! Also signals to processes, and a disk that can be filled.
//!
//! For tests alone: a failed start panics, with a remedy. `cargo xtask test` installs missing programs.

mod account;
mod postgres;
mod program;
mod redis;
mod server;
pub mod signal;
mod small_disk;

pub use postgres::Postgres;
pub use program::{Missing, Program, Versions};
pub use redis::Redis;
pub use small_disk::SmallDisk;
