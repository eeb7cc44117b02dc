//! The server, tried as a program in Rust uses it.

mod configured;
mod example;
mod not_started;
mod running;
mod setup;
