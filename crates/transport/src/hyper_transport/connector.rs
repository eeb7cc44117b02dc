//! Connects in time, with TLS where the URL says so.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::timeout;
use tower_service::Service;

use super::connection::{Connection, Origin};
use super::diagnosis::unreached;
use super::line::Line;
use crate::http_client::{Names, Settings};
use crate::{BuildError, NetworkFault, TransportError, tls_client_config};

type BoxError = Box<dyn Error + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

#[derive(Clone)]
pub(super) struct Connector {
    https: HttpsConnector<Tcp>,
    /// Time limit of names, TCP and TLS together.
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(settings: &Settings) -> Result<Self, BuildError> {
        let timeout = settings.time_to_connect();
        let mut http = HttpConnector::new_with_resolver(settings.names());
        http.enforce_http(false);
        http.set_nodelay(true);
        // Of several addresses each has its share of the time.
        http.set_connect_timeout(Some(timeout));
        let https = HttpsConnectorBuilder::new().with_tls_config(tls_client_config(settings.ca_pem.as_deref())?);
        Ok(Self { https: https.https_or_http().enable_http1().wrap_connector(Tcp(http)), timeout })
    }
}

impl Connector {
    /// Makes a new connection.
    ///
    /// # Errors
    /// The connection can't be opened, or not in time. Nothing was sent.
    pub(super) async fn connect(&self, origin: &Origin) -> Result<Connection, TransportError> {
        let target = origin.root().map_err(TransportError::not_sent)?;
        let connecting = self.https.clone().call(target);
        match timeout(self.timeout, connecting).await {
            Ok(Ok(stream)) => Connection::over(stream).await,
            Ok(Err(error)) => Err(unreached(&*error, origin.authority.host())),
            Err(_) => Err(TransportError::not_sent(NetworkFault::ConnectTimedOut)),
        }
    }
}

#[derive(Clone)]
struct Tcp(HttpConnector<Names>);

impl Service<Uri> for Tcp {
    type Response = Line;
    type Error = BoxError;
    type Future = Connecting<Line>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let connecting = self.0.call(target);
        Box::pin(async { Ok(Line::new(connecting.await?)) })
    }
}
