//! The client that a good engineer writes with hyper-util: one client for all callers, with the pool, the timeouts and
//! the cap of weifen's transport.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, anyhow};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;

use super::contestant::Caller;
use super::order;
use super::trust::trust_nobody;

/// Maximum length of a reply's body in bytes.
const CAP: usize = 1 << 20;

#[derive(Clone)]
pub(crate) struct HyperUtilClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: String,
}

impl HyperUtilClient {
    pub(crate) fn new(server: SocketAddr) -> Result<Self> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(Duration::from_secs(3)));
        let https = HttpsConnectorBuilder::new().with_tls_config(trust_nobody()?);
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_timer(TokioTimer::new()).pool_idle_timeout(Duration::from_secs(4));
        let client = client.build(https.https_or_http().enable_http1().wrap_connector(http));
        Ok(Self { client, url: format!("http://{server}{}", order::PATH) })
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Bytes> {
        let reply = self.client.request(request).await?;
        let body = Limited::new(reply.into_body(), CAP).collect().await.map_err(|error| anyhow!(error))?;
        Ok(body.to_bytes())
    }
}

impl Caller for HyperUtilClient {
    async fn call(&mut self) -> Result<String> {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("access_token", order::TOKEN).finish();
        let request = Request::post(format!("{}?{query}", self.url))
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(USER_AGENT, HeaderValue::from_static(order::USER_AGENT))
            .body(Full::new(serde_json::to_vec(&order::ORDER)?.into()))?;
        order::number(&timeout(Duration::from_secs(10), self.exchange(request)).await??)
    }
}
