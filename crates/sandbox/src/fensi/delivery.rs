//! Posts a push to the partner, by a small HTTP/1 client that stays on this machine unless told otherwise.

use std::{net::SocketAddr, time::Duration};

use http::{Request, header};
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::{TcpStream, lookup_host};
use url::{Host, Url};

use super::packet::Packet;
use crate::{error::ControlError, wire::paced::Paced};

/// A receiver that has not answered so long after a body's due end is given up.
const TIME: Duration = Duration::from_secs(10);

/// The outcome of one post of a push: the receiver's HTTP status, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Delivery {
    /// The HTTP status of the receiver's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The reason why there was no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Reads a push URL.
pub(crate) fn push_url(text: &str, anywhere: bool) -> Result<Url, ControlError> {
    let refuse = |reason: &str| ControlError::PushUrl(reason.to_owned());
    let url = Url::parse(text).map_err(|error| refuse(&format!("cannot be read: {error}")))?;
    if url.scheme() != "http" {
        return Err(refuse("must begin with http://: the sandbox supports nothing else"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("must not contain a user name or a password"));
    }
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if !loopback && !anywhere {
        return Err(refuse("must name this machine (127.0.0.1, [::1] or localhost)"));
    }
    Ok(url)
}

/// Posts a packet whose body takes `over` to go out.
pub(super) async fn deliver(target: &Url, packet: Packet, over: Duration, anywhere: bool) -> Delivery {
    let posted = tokio::time::timeout(over + TIME, post(target, packet, over, anywhere)).await;
    match posted.unwrap_or_else(|_| Err(format!("no answer within {} s", (over + TIME).as_secs()))) {
        Ok(status) => Delivery { status: Some(status), error: None },
        Err(error) => Delivery { status: None, error: Some(error) },
    }
}

async fn post(target: &Url, packet: Packet, over: Duration, anywhere: bool) -> Result<u16, String> {
    let stream = connect(target, anywhere).await?;
    let told = |error: hyper::Error| format!("the connection failed: {error}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(told)?;
    let request = request(target, packet, over).map_err(|error| error.to_string())?;
    let exchange = async {
        let answer = sender.send_request(request).await.map_err(told)?;
        let status = answer.status().as_u16();
        // Read to its end, so that the receiver sees no broken connection; what it says is of no use here.
        let mut body = answer.into_body();
        while body.frame().await.is_some_and(|frame| frame.is_ok()) {}
        Ok(status)
    };
    tokio::pin!(exchange, connection);
    tokio::select! {
        status = &mut exchange => status,
        // The connection may end just before its last answer is handed over.
        _ = &mut connection => exchange.await,
    }
}

fn request(target: &Url, packet: Packet, over: Duration) -> http::Result<Request<Paced>> {
    let path = &target[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &target[url::Position::BeforeHost..url::Position::AfterPort];
    Request::post(path)
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, packet.content_type)
        .body(Paced::over(packet.body, over))
}

async fn connect(target: &Url, anywhere: bool) -> Result<TcpStream, String> {
    let addresses: Vec<SocketAddr> = match (target.host(), target.port_or_known_default()) {
        (Some(Host::Ipv4(ip)), Some(port)) => vec![(ip, port).into()],
        (Some(Host::Ipv6(ip)), Some(port)) => vec![(ip, port).into()],
        (Some(Host::Domain(name)), Some(port)) => {
            lookup_host((name, port)).await.map_err(|error| format!("the name was not found: {error}"))?.collect()
        }
        _ => return Err("the push URL has no host".to_owned()),
    };
    if !anywhere && !addresses.iter().all(|address| address.ip().is_loopback()) {
        return Err("the host of the push URL is not on this machine".to_owned());
    }
    let stream = TcpStream::connect(&addresses[..]).await.map_err(|error| format!("no connection: {error}"))?;
    // A slow body's pieces go out one by one; a socket that can't be told so works too.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}
