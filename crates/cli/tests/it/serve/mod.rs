//! Runs the built `weifen serve` as a user would: pushes by plain sockets, a business that takes deliveries, and
//! crashes in between.

mod backups;
mod business;
pub(crate) mod client;
mod crash;
mod database_away;
mod deliveries;
mod ending;
mod first_look;
mod held;
mod listen;
mod logs;
mod needs_mount;
mod needs_postgres;
mod network;
mod not_started;
mod pushes;
mod readmitted;
mod ready;
mod serving;
mod setup;
mod slowness;
mod stalled;
