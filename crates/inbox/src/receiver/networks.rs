//! Networks that an address may be in.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

/// Networks, and addresses as networks of one. IPv4 written as IPv6 counts as IPv4.
#[derive(Debug, Clone, Default)]
pub(super) struct Networks(Vec<IpNet>);

impl Networks {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = IpNet> {
        self.0.iter().copied()
    }

    /// Returns true where a canonical address is in one of them.
    pub(super) fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromIterator<IpNet> for Networks {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        Self(networks.into_iter().map(|network| mapped(network).unwrap_or(network)).collect())
    }
}

/// The IPv4 network that an IPv4-mapped IPv6 network stands for.
fn mapped(network: IpNet) -> Option<IpNet> {
    let IpNet::V6(network) = network else { return None };
    let address = network.addr().to_ipv4_mapped()?;
    let length = network.prefix_len().checked_sub(96)?;
    Ipv4Net::new(address, length).ok().map(IpNet::from)
}
