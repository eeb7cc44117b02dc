//! Service variables: Kubernetes sets them in every container of a namespace for each service, and Docker for each
//! legacy link. Those of a service called `weifen` or `weifen-serve` must not be taken for settings:
//! `source` skips them.

use std::net::{IpAddr, SocketAddr};

/// Returns true for a service variable, by its name *and* its value: `…_SERVICE_HOST`, `…_SERVICE_PORT`,
/// `…_SERVICE_PORT_NAME`, `…_PORT`, `…_PORT_80_TCP`, and the last one's `…_PROTO`, `…_PORT` and `…_ADDR`.
pub(super) fn tells_of_a_service(variable: &str, value: &str) -> bool {
    is_of_service(variable, value) || is_of_port(variable, value)
}

fn is_of_service(variable: &str, value: &str) -> bool {
    if variable.ends_with("_SERVICE_HOST") {
        return value.parse::<IpAddr>().is_ok();
    }
    let is_named = variable.split_once("_SERVICE_PORT_").is_some_and(|(_, name)| !name.is_empty());
    (is_named || variable.ends_with("_SERVICE_PORT")) && port(value).is_some()
}

fn is_of_port(variable: &str, value: &str) -> bool {
    if variable.ends_with("_PORT") && address(value).is_some() {
        return true;
    }
    let parts = ["_PROTO", "_PORT", "_ADDR"];
    let (link, part) =
        parts.into_iter().find_map(|part| Some((variable.strip_suffix(part)?, part))).unwrap_or((variable, ""));
    let Some((number, protocol)) = numbered(link) else { return false };
    match part {
        "_PROTO" => value == protocol,
        "_PORT" => port(value) == Some(number),
        "_ADDR" => value.parse::<IpAddr>().is_ok(),
        _ => address(value).is_some_and(|(known, address)| known == protocol && address.port() == number),
    }
}

/// Port and protocol in a name that ends like `_PORT_80_TCP`.
fn numbered(link: &str) -> Option<(u16, &'static str)> {
    let (link, protocol) = link.rsplit_once('_')?;
    let (link, number) = link.rsplit_once('_')?;
    let protocol = PROTOCOLS.into_iter().find(|known| known.to_uppercase() == protocol)?;
    link.ends_with("_PORT").then_some((port(number)?, protocol))
}

const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

/// Parses `tcp://10.0.0.1:80` or `udp://[fd00::1]:53`.
fn address(value: &str) -> Option<(&str, SocketAddr)> {
    let (protocol, address) = value.split_once("://")?;
    PROTOCOLS.contains(&protocol).then_some((protocol, address.parse().ok()?))
}

fn port(text: &str) -> Option<u16> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| is_plain && *port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_told_from_a_setting_by_name_and_value() {
        let of_services = [
            ("SERVICE_HOST", "10.0.0.1"),
            ("SERVICE_HOST", "fd00::1"),
            ("SERVICE_PORT", "80"),
            ("SERVICE_PORT_HTTP", "8320"),
            ("SERVICE_PORT_HTTP_ADMIN", "8321"),
            ("PORT", "tcp://10.0.0.1:80"),
            ("PORT", "udp://[fd00::1]:53"),
            ("PORT_8320_TCP", "tcp://10.0.0.1:8320"),
            ("PORT_8320_TCP_PROTO", "tcp"),
            ("PORT_8320_TCP_PORT", "8320"),
            ("PORT_8320_TCP_ADDR", "10.0.0.1"),
            ("PORT_9_SCTP", "sctp://[fd00::1]:9"),
            ("PORT_9_SCTP_ADDR", "fd00::1"),
        ];
        let of_people = [
            ("SERVICE_HOTS", "10.0.0.1"),
            ("SERVICE_HOST", "localhost"),
            ("SERVICE_PORT", "http"),
            ("SERVICE_PORT", "0"),
            ("SERVICE_PORT", "+80"),
            ("SERVICE_PORT", "80000"),
            ("SERVICE_PORT_", "80"),
            ("SERVICE_PORTS", "80"),
            ("SERVICEPORT", "80"),
            ("PORT", "8320"),
            ("PORT", "http://10.0.0.1:80"),
            ("PORT", "tcp://10.0.0.1"),
            ("PORT", "tcp://weifen:80"),
            ("PORT", ""),
            ("PROT", "tcp://10.0.0.1:80"),
            ("PORT_TCP", "tcp://10.0.0.1:80"),
            ("PORT_8320_TCP", "tcp://10.0.0.1:80"),
            ("PORT_8320_TCP", "udp://10.0.0.1:8320"),
            ("PORT_8320_TCP", "10.0.0.1:8320"),
            ("PORT_8320_TCP_PROTO", "TCP"),
            ("PORT_8320_TCP_PORT", "80"),
            ("PORT_8320_TCP_ADDR", "10.0.0.1:80"),
            ("PORT_8320_TCP_HOST", "10.0.0.1"),
            ("PORT_8320_HTTP_ADDR", "10.0.0.1"),
            ("LISTEN", "127.0.0.1:8320"),
        ];
        for service in ["WEIFEN", "WEIFEN_SERVE", "WEIFEN_FENSI_2", "WEIFEN_PORT", "WEIFEN_HTTP_PROXY"] {
            for (rows, expected) in [(&of_services[..], true), (&of_people[..], false)] {
                for (name, value) in rows {
                    let variable = format!("{service}_{name}");
                    assert_eq!(tells_of_a_service(&variable, value), expected, "{variable}={value}");
                }
            }
        }
    }
}
