//! The server, tried as a program in Rust uses it.

mod api;
mod configured;
mod example;
mod not_started;
mod running;
mod setup;
