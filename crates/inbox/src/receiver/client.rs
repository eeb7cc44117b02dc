//! The client's address behind proxies: X-Forwarded-For, or Forwarded (RFC 7239).

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::header::FORWARDED;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::networks::Networks;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Returns the address of a request's sender: the peer's own, unless the peer is a trusted proxy. Then the header is
/// read from its end, where the nearest proxy wrote, past trusted proxies, to the first address that is none of them;
/// where all are, it is the farthest.
///
/// `None` where it is unknown: a trusted proxy sent no header, an entry that has to be read is no address, or both
/// headers are there and disagree. Then a proxy let one of them through as a stranger wrote it.
pub(super) fn address(peer: IpAddr, headers: &HeaderMap, proxies: &Networks) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    if !proxies.contain(peer) {
        return Some(peer);
    }
    let older = || beyond(lines(headers, &X_FORWARDED_FOR).flat_map(|line| line.rsplit(',').map(node)), proxies);
    let newer = || beyond(lines(headers, &FORWARDED).flat_map(forwarded), proxies);
    match (headers.contains_key(X_FORWARDED_FOR), headers.contains_key(FORWARDED)) {
        (false, false) => None,
        (true, false) => older(),
        (false, true) => newer(),
        (true, true) => older().filter(|address| newer() == Some(*address)),
    }
}

/// Returns the first address that is none of the proxies', or the last; `None` if an entry before it is no address.
fn beyond(mut hops: impl Iterator<Item = Option<IpAddr>>, proxies: &Networks) -> Option<IpAddr> {
    let mut farthest = hops.next()??;
    while proxies.contain(farthest) {
        match hops.next() {
            Some(hop) => farthest = hop?,
            None => break,
        }
    }
    Some(farthest)
}

/// Lines of a header, the last first. A line that is no text is returned empty, which is no address.
fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).iter().rev().map(|line: &HeaderValue| line.to_str().unwrap_or_default())
}

/// Origins of the elements of a `Forwarded` line, the last first.
fn forwarded(line: &str) -> Vec<Option<IpAddr>> {
    match outside_of_quotes(line, ',') {
        Some(elements) => elements.into_iter().rev().map(origin).collect(),
        None => vec![None],
    }
}

/// Returns the `for` of an element, which must have exactly one.
fn origin(element: &str) -> Option<IpAddr> {
    let pairs = outside_of_quotes(element, ';')?.into_iter().filter_map(|pair| pair.split_once('='));
    let mut origins = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for")).map(|(_, value)| value.trim());
    let (origin, None) = (origins.next()?, origins.next()) else { return None };
    let quoted = origin.strip_prefix('"').and_then(|origin| origin.strip_suffix('"'));
    node(quoted.unwrap_or(origin))
}

/// Splits a text at separators outside of quotes; `None` where a quote is left open.
fn outside_of_quotes(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let separated = |c: char| {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => return c == separator && !is_quoted,
        }
        false
    };
    let parts = text.split(separated).collect();
    (!is_quoted).then_some(parts)
}

/// Parses an address, with or without brackets and port.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let alone = text.parse::<IpAddr>().ok();
    alone.or_else(with_port).or_else(in_brackets).map(|address| address.to_canonical())
}
