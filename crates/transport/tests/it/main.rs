//! The seam, the driver, and what is sent over a real socket.

mod base_url;
mod call;
mod encode;
mod server;

#[cfg(feature = "reqwest")]
mod reqwest_transport;
