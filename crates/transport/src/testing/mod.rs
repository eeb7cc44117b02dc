//! For authors of a transport: a conformance kit, and the server on plain sockets that it uses.

mod conformance;
mod raw_request;
mod raw_server;

pub use self::conformance::transport_conformance;
pub use self::raw_request::RawRequest;
pub use self::raw_server::{Connection, RawServer};
