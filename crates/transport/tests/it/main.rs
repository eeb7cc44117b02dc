//! The seam, the driver, cassettes, the conformance kit, and what is sent over a real socket.

mod base_url;
mod cassette;
mod cassette_file;
mod cassette_live;
mod conformance;
mod driver;
mod encode;
mod http_transports;
mod hyper_transport;
mod public_only;
mod repeat;
mod reqwest_transport;
mod server;
mod stacks;
mod tls;
mod told;
mod tower_transport;
