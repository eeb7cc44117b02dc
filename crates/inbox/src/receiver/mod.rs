//! The HTTP side of an inbox: where the vendor posts its pushes, what an operator's machines ask, and the server that
//! bears with clients of any kind.

mod admin;
mod body;
mod client;
mod networks;
mod push;
mod refusal;
mod secrets;
mod server;
mod timed_body;

pub use admin::{LISTEN_HEADER, admin};
pub use push::{Receiver, UndecodableStatus};
pub use secrets::{PushSecrets, WeakSecret};
pub use server::{Server, ServerLimits};
