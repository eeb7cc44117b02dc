//! TLS to a Redis, with the same configuration as the default transport's to the vendors.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use weifen_transport::{BuildError, tls_client_config};

use super::address::Address;

/// TLS configuration of a connection, and the server name to verify.
#[derive(Clone)]
pub(super) struct Tls {
    connector: TlsConnector,
    server: ServerName<'static>,
}

impl Tls {
    pub(super) fn to(address: &Address, ca_pem: Option<&[u8]>) -> Result<Self, BuildError> {
        let config = Arc::new(tls_client_config(ca_pem)?);
        Ok(Self { connector: config.into(), server: address.server_name()? })
    }

    pub(super) async fn encrypt(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.server.clone(), stream).await
    }
}
