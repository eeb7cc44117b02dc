//! The HTTP side of an inbox: the address for the vendor's pushes, health and metrics for operators, and the server
//! under both.

mod admin;
mod body;
mod client;
mod connection_limit;
mod door;
mod http_server;
mod networks;
mod push;
mod refusal;
mod rest;
mod secrets;
mod timed_body;

pub use admin::{Admin, LISTEN_HEADER};
pub use http_server::{HttpServer, ServerLimits};
pub use push::Receiver;
pub use secrets::{PushSecrets, WeakSecret};
