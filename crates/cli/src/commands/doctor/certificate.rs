//! TLS: the check of a server's certificate, with the same authorities as a call's.

use std::net::IpAddr;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Host;
use weifen::transport::NetworkFault;

use super::trouble::Trouble;

/// Makes a TLS handshake and reports its version; no data is sent.
///
/// # Errors
/// When the certificate is not accepted, or the server does not use TLS.
pub(super) async fn accepted(
    connector: &TlsConnector,
    host: &Host<String>,
    stream: TcpStream,
    deadline: Instant,
) -> Result<String, Trouble> {
    let Some(name) = server_name(host) else {
        return Err(Trouble::new(format!("no certificate can be valid for {host}"), "correct the host"));
    };
    match timeout_at(deadline, connector.connect(name, stream)).await {
        Ok(Ok(stream)) => {
            let (_, session) = stream.get_ref();
            let version = session.protocol_version().and_then(|version| version.as_str());
            Ok(format!("certificate accepted, {}", version.unwrap_or("TLS").replace("TLSv1_", "TLS 1.")))
        }
        Ok(Err(error)) => Err(Trouble::of(&NetworkFault::of_tls(&error))),
        Err(_) => Err(Trouble::new(
            "the TLS handshake timed out",
            "check that the port uses TLS, and that no firewall or proxy delays the connection",
        )),
    }
}

fn server_name(host: &Host<String>) -> Option<ServerName<'static>> {
    match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).ok(),
        Host::Ipv4(ip) => Some(IpAddr::from(*ip).into()),
        Host::Ipv6(ip) => Some(IpAddr::from(*ip).into()),
    }
}
