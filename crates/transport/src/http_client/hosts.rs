//! Judges the host of a URL as it is written there.

use std::net::IpAddr;

use crate::{NetworkFault, NotPublic, TransportError, is_public};

/// Refuses a host that is an address and not public: the resolver, which judges names, never sees it.
pub(crate) fn refuse_own_address(host: &str) -> Result<(), TransportError> {
    match address(host) {
        Some(address) if !is_public(address) => {
            Err(TransportError::not_sent(NetworkFault::NotPublic(NotPublic::new(host))))
        }
        _ => Ok(()),
    }
}

/// Returns true where `host` names this machine: `localhost` and names below it, and loopback addresses.
pub(crate) fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.ends_with(".localhost")
        || address(host).is_some_and(|address| address.is_loopback())
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}
