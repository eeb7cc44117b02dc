//! Shared parts of the tests: the built program in a folder of its own, a sandbox, a server of raw bytes, and an
//! authority for encrypted ones.

mod authority;
mod inbox_file;
mod program;
mod running;
mod sandbox;
mod server;
mod shared_store;

use xtask_specimens::SPECIMENS;

pub(crate) use authority::Authority;
pub(crate) use inbox_file::{InboxFile, push};
pub(crate) use program::{Ended, NOBODYS, Program};
pub(crate) use running::Running;
pub(crate) use sandbox::Sandboxed;
pub(crate) use server::{Reply, Server, TOKEN};
pub(crate) use shared_store::SharedStore;
pub(crate) use weifen::transport::testing::{Connection, RawRequest, RawServer};

/// The environment's variables by which many programs find a proxy.
pub(crate) const PROXIES: [&str; 6] =
    ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// The command of an operation, with values that are right.
pub(crate) fn call(operation: &str) -> &'static [&'static str] {
    let specimen = SPECIMENS.iter().find(|specimen| specimen.name() == operation).unwrap();
    specimen.words(&|parameter| specimen.example(parameter)).leak()
}
