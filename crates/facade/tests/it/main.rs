//! The tests of the facade.

mod clients;
mod config;
mod inbox;
