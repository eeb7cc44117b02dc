//! The loop that a good engineer writes with reqwest: one client, with the settings of weifen's transport.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Client, redirect, retry};
use rustls::{ClientConfig, RootCertStore};

use super::contestant::Caller;
use super::order;

#[derive(Clone)]
pub(crate) struct ReqwestLoop {
    client: Client,
    url: String,
}

impl ReqwestLoop {
    pub(crate) fn new(server: SocketAddr) -> Result<Self> {
        let client = Client::builder()
            .tls_backend_preconfigured(trust_nobody()?)
            .user_agent(order::USER_AGENT)
            .default_headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]))
            .http1_only()
            .timeout(Duration::from_secs(10))
            .connect_timeout(Duration::from_secs(3))
            .pool_idle_timeout(Duration::from_secs(4))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .build()?;
        Ok(Self { client, url: format!("http://{server}{}", order::PATH) })
    }
}

/// TLS settings that are never used: without them reqwest loads the machine's authorities, which may be missing.
fn trust_nobody() -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

impl Caller for ReqwestLoop {
    const NAME: &'static str = "hand-written reqwest loop";

    async fn call(&mut self) -> Result<String> {
        let request = self.client.post(&self.url).query(&[("access_token", order::TOKEN)]).json(&order::ORDER);
        order::number(&request.send().await?.bytes().await?)
    }
}
