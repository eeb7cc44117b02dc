//! Connects in time, with TLS where the URL says so.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::timeout;
use tower_service::Service;

use super::line::Line;
use crate::http_client::{Names, Settings};
use crate::{BuildError, NetworkFault, tls_client_config};

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

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Line>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.https.poll_ready(context)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let connecting = timeout(self.timeout, self.https.call(target));
        Box::pin(async { connecting.await.unwrap_or_else(|_| Err(NetworkFault::ConnectTimedOut.into())) })
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
