//! The HTTP side of an inbox: where the vendor posts its pushes, what an operator's machines ask, and the server that
//! bears with clients of any kind.

mod admin;
mod body;
mod client;
mod connection_limit;
mod door;
mod http_server;
mod networks;
mod push;
mod refusal;
mod secrets;
mod timed_body;

pub use admin::{Admin, LISTEN_HEADER};
pub use http_server::{HttpServer, ServerLimits};
pub use push::Receiver;
pub use secrets::{PushSecrets, WeakSecret};
