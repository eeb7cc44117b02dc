#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(
    clippy::missing_errors_doc,
    reason = "each fails when the database does; `Pool::failed` tells what that means"
)]

mod address;
mod carrying_over;
mod commit_thread;
mod connections;
mod dialect;
mod fault;
pub mod file;
mod group_commit;
mod identity;
pub mod look;
mod mark;
mod migrations;
pub mod milliseconds;
mod network_file_system;
mod open_error;
mod pool;
pub mod regular_file;
mod server_lock;
mod setup;
mod state;

pub use address::Database;
pub use connections::Lent;
pub use dialect::Dialect;
pub use fault::{is_busy, is_damage};
pub use group_commit::GroupCommit;
pub use identity::identity;
pub use look::Look;
pub use migrations::latest_version;
pub use open_error::OpenError;
pub use pool::{LONGEST, Pool, Writing};
pub use server_lock::ServerLock;
