//! The network address of a host: looks its name up and connects. Nothing is sent.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};
use weifen::transport::{NetworkFault, NotPublic, is_public};

use super::patient::Patient;
use super::trouble::Trouble;

/// A host and a port.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) host: Host<String>,
    port: u16,
    pub(super) is_encrypted: bool,
    /// True where only public addresses may be connected to.
    pub(super) public_only: bool,
}

impl Address {
    /// The address of an http or https URL.
    pub(super) fn of(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let host = url.host()?.to_owned();
        let (port, is_encrypted) = (url.port_or_known_default()?, url.scheme() == "https");
        Some(Self { host, port, is_encrypted, public_only: false })
    }

    /// The address that a request to `url` connects to: the proxy, if there is one.
    pub(super) fn towards(url: &str, patient: &Patient) -> Option<Self> {
        match patient.proxy_towards(url) {
            Some(proxy) => Self::of(proxy.expose()),
            None => Self::of(url),
        }
    }

    /// Connects to the first of its addresses that accepts.
    ///
    /// # Errors
    /// When no address accepts the connection by `deadline`.
    pub(super) async fn connect(&self, deadline: Instant) -> Result<(TcpStream, SocketAddr), Trouble> {
        let began = Instant::now();
        let mut addresses = self.look_up(deadline).await?;
        if self.public_only {
            addresses.retain(|address| is_public(address.ip()));
            if addresses.is_empty() {
                return Err(Trouble::new(NotPublic::new(self.host.to_string()).to_string(), PUBLIC));
            }
        }
        let mut attempts: JoinSet<_> =
            addresses.into_iter().map(|address| async move { (TcpStream::connect(address).await, address) }).collect();
        let mut last = None;
        while let Ok(attempt) = timeout_at(deadline, attempts.join_next()).await {
            match attempt {
                Some(Ok((Ok(stream), address))) => return Ok((stream, address)),
                Some(Ok((Err(error), address))) => {
                    let fault = NetworkFault::of_connect(&error, address.ip().is_loopback());
                    last = Some(Trouble::of(&fault).at(address));
                }
                Some(Err(_)) => {}
                None => break,
            }
        }
        Err(match last {
            Some(trouble) if attempts.is_empty() => trouble,
            _ if attempts.is_empty() => self.unknown(&io::Error::other("the name has no address")),
            _ => {
                let waited = seconds(began.elapsed());
                let trouble = Trouble::of(&NetworkFault::ConnectTimedOut);
                Trouble { found: format!("{self}: no connection within {waited} s"), ..trouble }
            }
        })
    }

    async fn look_up(&self, deadline: Instant) -> Result<Vec<SocketAddr>, Trouble> {
        let name = match &self.host {
            Host::Ipv4(ip) => return Ok(vec![SocketAddr::from((*ip, self.port))]),
            Host::Ipv6(ip) => return Ok(vec![SocketAddr::from((*ip, self.port))]),
            Host::Domain(name) => name,
        };
        let began = Instant::now();
        match timeout_at(deadline, lookup_host((name.as_str(), self.port))).await {
            Ok(Ok(addresses)) => Ok(addresses.collect()),
            Ok(Err(error)) => Err(self.unknown(&error)),
            Err(_) => {
                let why = format!("the DNS lookup timed out after {} s", seconds(began.elapsed()));
                Err(self.unknown(&io::Error::other(why)))
            }
        }
    }

    /// The finding for a name that can't be resolved.
    fn unknown(&self, error: &io::Error) -> Trouble {
        Trouble::of(&NetworkFault::NameNotFound(Arc::new(io::Error::other(error.to_string())))).at(&self.host)
    }
}

const PUBLIC: &str = "use another host, or set serve.deliver_public_only = false to allow this one";

/// Whole seconds, for people.
pub(super) fn seconds(time: Duration) -> u64 {
    (time + Duration::from_millis(500)).as_secs().max(1)
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}
