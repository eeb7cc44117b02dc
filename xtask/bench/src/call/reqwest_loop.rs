//! The loop that a good engineer writes with reqwest: one client, with the settings of weifen's transport.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Client, redirect, retry};

use super::contestant::Caller;
use super::order;
use super::trust::trust_nobody;

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

impl Caller for ReqwestLoop {
    async fn call(&mut self) -> Result<String> {
        let request = self.client.post(&self.url).query(&[("access_token", order::TOKEN)]).json(&order::ORDER);
        order::number(&request.send().await?.bytes().await?)
    }
}
