//! The server, tried as a program in Rust uses it.

mod configured;
mod example;
mod not_started;
mod place;
mod running;
