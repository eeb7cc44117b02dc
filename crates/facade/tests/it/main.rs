//! The tests of the facade.

mod config;
