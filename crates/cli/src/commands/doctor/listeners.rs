//! The addresses of a server: free, in use by itself, or in use by another program.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tokio::net::TcpSocket;
use tokio::time::{Instant, timeout_at};
use weifen::inbox::LISTEN_HEADER;
use weifen::transport::Transport;

use super::finding::Findings;
use super::patient::Patient;
use crate::own_thread::OwnThread;

/// Limits of a running server: name, metric, metric of the limit, and advice near it.
const LIMITS: [(&str, &str, &str, &str); 2] = [
    (
        "connections",
        "weifen_http_connections",
        "weifen_http_connections_max",
        "set serve.allow_ips to the platform's addresses, or let the proxy limit its clients",
    ),
    (
        "quarantine",
        "weifen_inbox_quarantine_bytes",
        "weifen_inbox_quarantine_bytes_max",
        "check `weifen inbox quarantine` and `weifen inbox list --held`, then purge",
    ),
];
/// Percent of a limit that counts as near it.
const NEAR: f64 = 80.0;

/// Timeout for an answer of the program that listens there.
const HEALTH: Duration = Duration::from_secs(5);

pub(super) async fn check(patient: &Patient, findings: &mut Findings) {
    let serve = &patient.config().serve;
    let (admin, listen) = (serve.admin_listen, serve.listen);
    let mut known = None;
    for (key, address) in [("admin_listen", admin), ("listen", listen)] {
        if let Some(doubt) = patient.doubt(&format!("serve.{key}")) {
            findings.not_checked(key, doubt);
            continue;
        }
        match bound(address) {
            Ok(()) if admin == listen && address.port() != 0 => {
                let found = format!("{address} is both serve.listen and serve.admin_listen");
                findings.problem(key, found, "give each its own port");
            }
            Ok(()) => findings.ok(key, format!("{address} is free")),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                let ours = match known {
                    Some(ours) => ours,
                    None => server_at(admin, patient).await,
                };
                if known.is_none() && ours.is_some() {
                    limits(admin, patient, findings).await;
                }
                known = Some(ours);
                in_use(key, address, ours, findings);
            }
            Err(error) => {
                let found = format!("cannot listen on {address}: {error}");
                findings.problem(key, found, format!("give serve.{key} an address and a port that this user may use"));
            }
        }
    }
}

/// Reports an address in use. `ours` is the push address of the weifen server whose health is on `serve.admin_listen`,
/// if there is one.
fn in_use(key: &str, address: SocketAddr, ours: Option<SocketAddr>, findings: &mut Findings) {
    let found = match ours {
        Some(pushes) if key == "admin_listen" || covers(pushes, address) => {
            return findings.ok(key, format!("{address} is in use by a server of weifen, whose /healthz answers"));
        }
        Some(pushes) => {
            format!("{address} is in use by another program: weifen's server here receives pushes on {pushes}")
        }
        None => format!("{address} is in use, and no server of weifen answers on serve.admin_listen"),
    };
    findings.problem(key, found, format!("end the program that uses the address, or give serve.{key} another one"));
}

/// Reports how near the running server is to its limits.
async fn limits(admin: SocketAddr, patient: &Patient, findings: &mut Findings) {
    let Some(metrics) = asked(admin, "/metrics", patient).await else { return };
    let metrics = String::from_utf8_lossy(metrics.body()).into_owned();
    let read = |name: &str| -> Option<f64> {
        metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
    };
    for (name, figure, limit, advice) in LIMITS {
        let (Some(value), Some(most)) = (read(figure), read(limit)) else { continue };
        let found = format!("{figure} is {value} of {most}");
        if value * 100.0 / most >= NEAR {
            findings.warning(name, found, advice);
        } else {
            findings.ok(name, found);
        }
    }
}

/// Returns true if a listener on `taken` occupies `address` too.
fn covers(taken: SocketAddr, address: SocketAddr) -> bool {
    let is_any = taken.ip().is_unspecified() && (taken.is_ipv6() || address.is_ipv4());
    taken.port() == address.port() && (taken.ip() == address.ip() || is_any)
}

/// Binds the address and releases it, without listening on it.
fn bound(address: SocketAddr) -> io::Result<()> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As the server does. An address that another program listens on is refused all the same.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)
}

/// The push address of the server whose health is on `admin`; `None` if that is another program.
async fn server_at(admin: SocketAddr, patient: &Patient) -> Option<SocketAddr> {
    let reply = asked(admin, "/healthz", patient).await?;
    let is_well = reply.status() == StatusCode::OK && reply.body() == &b"ok"[..];
    let pushes = reply.headers().get(LISTEN_HEADER).filter(|_| is_well)?;
    pushes.to_str().ok()?.parse().ok()
}

/// The reply of the program that listens on `admin`.
async fn asked(mut admin: SocketAddr, path: &str, patient: &Patient) -> Option<Response<Bytes>> {
    let deadline = Instant::now() + patient.limit.min(HEALTH);
    match admin.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => admin.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => admin.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    let transport = OwnThread::start(patient.outgoing.here.clone()?).ok()?;
    let request = Request::get(format!("http://{admin}{path}")).body(Bytes::new()).ok()?;
    timeout_at(deadline, transport.send(request)).await.ok()?.ok()
}
