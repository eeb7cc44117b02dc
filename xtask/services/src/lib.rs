//! The servers that tests need. A test starts its own, on a free port of this machine and in a temporary folder, and both go with it.
//! Beside them: signals to processes, and a disk that can be filled.
//!
//! For tests alone: what can't be started panics, in words that help. `cargo xtask test` sees to it that the programs are there.

mod account;
mod postgres;
mod program;
mod redis;
mod server;
#[cfg(unix)]
pub mod signal;
mod small_disk;

pub use postgres::Postgres;
pub use program::{Missing, Program, Versions};
pub use redis::Redis;
pub use small_disk::SmallDisk;
