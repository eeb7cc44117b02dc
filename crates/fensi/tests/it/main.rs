//! The client, from outside.

mod replay;
mod scenarios;
