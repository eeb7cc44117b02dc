//! Tells public internet addresses from a machine's or a network's own, for callers that must not be led to those.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Returns true for an address of the public internet.
///
/// IANA's registries of special addresses decide. Not public are loopback, private, link-local, shared
/// (100.64.0.0/10), unspecified, multicast, broadcast, reserved, benchmarking and documentation addresses, and all of
/// IPv6 outside 2000::/3. An IPv6 address with an IPv4 address inside is as public as that one: mapped, NAT64's
/// 64:ff9b::/96, 6to4, both ends of a Teredo tunnel, ISATAP. NAT64's local 64:ff9b:1::/48 is never public; a network's
/// own NAT64 prefix can't be recognized.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        [0 | 10 | 127 | 224..=255, ..]
        | [100, 64..=127, ..]
        | [169, 254, ..]
        | [172, 16..=31, ..]
        | [192, 168, ..]
        | [198, 18 | 19, ..]
        // The IETF's protocols, the three documentation networks, 6to4's old relays.
        | [192, 0, 0 | 2, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [192, 88, 99, _] => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // Mapped, NAT64, 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            v4(high, low)
        }
        // Teredo: its server, and its client as the complement.
        [0x2001, 0, server_high, server_low, _, _, high, low] => v4(server_high, server_low) && v4(!high, !low),
        // The rest of 2001::/23 is the IETF's protocols, 2001:db8::/32 and 3fff::/20 are documentation.
        [0x2001, 0..=0x01ff | 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        [first, ..] if first & 0xe000 != 0x2000 => false,
        // ISATAP.
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => v4(high, low),
        _ => true,
    }
}

/// Error of a host without a public address where one is required. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host} has no public address, and only public addresses are allowed")]
pub struct NotPublic {
    host: String,
}

impl NotPublic {
    /// Creates the error for `host`, a name or an address.
    pub fn new(host: impl Into<String>) -> Self {
        Self { host: host.into() }
    }

    /// The host that was refused.
    pub fn host(&self) -> &str {
        &self.host
    }
}
