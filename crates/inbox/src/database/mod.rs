//! A SQLite file or a PostgreSQL database: opening, connections, transactions, migrations. It knows no table but
//! sqlx's own list of applied migrations.

mod address;
mod carrying_over;
mod connections;
mod dialect;
mod fault;
pub(crate) mod file;
mod group_commit;
mod identity;
pub(crate) mod look;
mod mark;
mod migrations;
pub(crate) mod milliseconds;
mod network_file_system;
mod open_error;
mod pool;
pub(crate) mod regular_file;
mod server_lock;
mod setup;
mod state;

pub use address::Database;
pub(crate) use connections::Lent;
pub(crate) use dialect::Dialect;
pub(crate) use fault::{is_busy, is_damage};
pub(crate) use group_commit::GroupCommit;
pub(crate) use identity::identity;
pub(crate) use look::Look;
pub(crate) use migrations::Migrations;
pub use open_error::OpenError;
pub(crate) use pool::{LONGEST, Pool, Writing};
pub use server_lock::ServerLock;
