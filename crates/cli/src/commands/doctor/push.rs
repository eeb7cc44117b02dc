//! What receives pushes and where they go on to: secrets, the push URL, the addresses, the deliveries.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode};
use tokio::net::TcpSocket;
use tokio::time::{Instant, timeout_at};

use super::address::Address;
use super::certificate;
use super::finding::Findings;
use super::patient::{Held, Patient};

const SECRET_FILE: &str = "serve.push_secret_file";

pub(super) async fn check(patient: Arc<Patient>) -> Findings {
    let mut findings = Findings::of("push");
    // Who only books, or looks into the inbox, names the database as well.
    if !patient.uses("serve.", "serve.database") {
        findings.ok("set up", format!("no; to receive pushes begin with {SECRET_FILE}"));
        return findings;
    }
    secrets(&patient, &mut findings);
    url(&patient, &mut findings);
    whose(&patient, &mut findings);
    listeners(&patient, &mut findings).await;
    deliveries(&patient, &mut findings).await;
    findings
}

fn secrets(patient: &Patient, findings: &mut Findings) {
    match &patient.push_secrets {
        _ if patient.doubt(SECRET_FILE).is_some() => {
            findings.not_checked("secret", "serve.push_secret_file is not known");
        }
        Held::NotSet => findings.problem(
            "secret",
            format!("{SECRET_FILE} is not set: `weifen serve` does not start"),
            format!("openssl rand -hex 16 > FILE, and set {SECRET_FILE}"),
        ),
        Held::Stdin => findings.ok("secret", "comes from stdin, which is not read here"),
        Held::Unusable(_) => findings.not_checked("secret", format!("{SECRET_FILE} can't be used")),
        Held::Read(secrets) if secrets.len() == 1 => findings.ok("secret", "1, strong enough"),
        Held::Read(secrets) => findings
            .ok("secret", format!("{}, strong enough; remove the first line once nothing comes by it", secrets.len())),
    }
}

fn url(patient: &Patient, findings: &mut Findings) {
    let listen = patient.config().serve.listen;
    findings.ok(
        "push URL",
        format!(
            "https://YOUR.HOST/push/SECRET, to be led to http://{listen} and entered at 粉丝万岁: 开发权限 → 基本配置 → 服务器配置"
        ),
    );
}

fn whose(patient: &Patient, findings: &mut Findings) {
    let config = patient.config();
    if let Some(doubt) = patient.doubt("fensi.develop_appid") {
        findings.not_checked("develop_appid", doubt);
    } else if config.fensi.develop_appid().is_err() {
        let found = "fensi.develop_appid is not set: `weifen serve` does not start";
        findings.problem("develop_appid", found, "set it: pushes for any other are not ours");
    }
    if let Some(doubt) = patient.doubt("serve.keys").or_else(|| patient.doubt("fensi.key")) {
        findings.not_checked("keys", doubt);
    } else if config.serve.keys.is_empty() {
        let found = "none known: a push for any device is taken for ours";
        findings.warning("keys", found, "set serve.keys, or fensi.key where there is one device");
    } else {
        findings.ok("keys", format!("{} known", config.serve.keys.len()));
    }
}

async fn listeners(patient: &Patient, findings: &mut Findings) {
    let serve = &patient.config().serve;
    let mut is_ours = None;
    for (key, address) in [("admin_listen", serve.admin_listen), ("listen", serve.listen)] {
        if let Some(doubt) = patient.doubt(&format!("serve.{key}")) {
            findings.not_checked(key, doubt);
            continue;
        }
        match bound(address) {
            Ok(()) => findings.ok(key, format!("{address} is free")),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                let ours = match is_ours {
                    Some(ours) => ours,
                    None => is_healthy(patient, serve.admin_listen).await,
                };
                is_ours = Some(ours);
                if ours {
                    findings.ok(key, format!("{address} is in use by a server of weifen, whose /healthz answers"));
                } else {
                    let found = format!("{address} is in use, and no server of weifen answers on serve.admin_listen");
                    findings.problem(key, found, format!("end what uses it, or give serve.{key} another address"));
                }
            }
            Err(error) => {
                let found = format!("{address} can't be listened on: {error}");
                findings.problem(key, found, format!("give serve.{key} an address and a port that this user may use"));
            }
        }
    }
}

/// Takes the address and lets go of it again, without ever listening on it.
fn bound(address: SocketAddr) -> std::io::Result<()> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As the server does; what another listens on is refused all the same.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)
}

async fn is_healthy(patient: &Patient, admin: SocketAddr) -> bool {
    let mut http = patient.config().http.clone();
    http.proxy = None;
    let Ok(transport) = http.transport() else { return false };
    let mut admin = admin;
    if admin.ip().is_unspecified() {
        admin.set_ip(if admin.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    let Ok(request) = Request::get(format!("http://{admin}/healthz")).body(Bytes::new()) else { return false };
    let deadline = Instant::now() + patient.limit.min(std::time::Duration::from_secs(2));
    let answer = timeout_at(deadline, transport.send(request)).await;
    matches!(answer, Ok(Ok(reply)) if reply.status() == StatusCode::OK && reply.body() == &b"ok"[..])
}

async fn deliveries(patient: &Patient, findings: &mut Findings) {
    let doubt = ["serve.deliver_url", "serve.deliver_secret_file"].into_iter().find_map(|key| patient.doubt(key));
    if let Some(doubt) = doubt {
        return findings.not_checked("deliveries", doubt);
    }
    let Some(url) = &patient.config().serve.deliver_url else {
        return match &patient.deliver_secret {
            Held::NotSet => findings.warning(
                "deliveries",
                "off: serve.deliver_url is not set, and events are kept and wait",
                "set serve.deliver_url and serve.deliver_secret_file",
            ),
            _ => findings.problem(
                "deliveries",
                "serve.deliver_secret_file is set, and serve.deliver_url is not: `weifen serve` does not start",
                "set both or none",
            ),
        };
    };
    match &patient.deliver_secret {
        Held::NotSet => findings.problem(
            "deliveries",
            "serve.deliver_url is set, and serve.deliver_secret_file is not: `weifen serve` does not start",
            "echo \"whsec_$(openssl rand -base64 32)\" > FILE, and set serve.deliver_secret_file",
        ),
        Held::Unusable(_) => findings.not_checked("deliveries", "serve.deliver_secret_file can't be used"),
        Held::Stdin | Held::Read(()) => findings.ok("deliveries", format!("to {url}, signed")),
    }
    let Some(address) = Address::towards(url.expose(), patient) else { return };
    let ends = Instant::now() + patient.limit;
    let (stream, at) = match address.connect(patient.connecting(ends)).await {
        Ok(connected) => connected,
        Err(trouble) => return findings.problem("receiver", trouble.found, trouble.advice),
    };
    if !address.is_encrypted || patient.config().http.proxy.is_some() {
        return findings.ok("receiver", format!("{at} lets itself be connected to; nothing was sent"));
    }
    match &patient.outgoing.tls {
        Err(_) => findings.not_checked("receiver", "the certificate authorities can't be used"),
        Ok(connector) => {
            match certificate::accepted(connector, &address.host, stream, patient.connecting(ends)).await {
                Ok(found) => findings.ok("receiver", format!("{at}, {found}; nothing was sent")),
                Err(trouble) => findings.problem("receiver", trouble.found, trouble.advice),
            }
        }
    }
}
