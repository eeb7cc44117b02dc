//! Fetching a token: each fetch counts against the vendor's daily limit.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use weifen_proto::Endpoint;
use weifen_proto::weiting::{AccessToken, AccessTokenRequest};
use weifen_transport::{CallError, Deadline, Driver, encode};

use crate::vendor_api::VendorApi;

/// Source of new tokens: 微厅 itself, or a service of yours.
#[async_trait]
pub trait TokenFetcher: std::fmt::Debug + Send + Sync {
    /// Fetches a new token.
    ///
    /// # Errors
    /// No token was received. The fetch stays counted, and the manager's brake delays the next one.
    async fn fetch(&self) -> Result<AccessToken, CallError>;
}

/// Fetches tokens from 微厅.
#[derive(Debug)]
pub(crate) struct VendorFetcher {
    request: AccessTokenRequest,
    driver: Arc<Driver>,
    api: Arc<VendorApi>,
}

impl VendorFetcher {
    pub(crate) fn new(appid: String, secret: SecretString, driver: Arc<Driver>, api: Arc<VendorApi>) -> Self {
        Self { request: AccessTokenRequest::new(appid, secret), driver, api }
    }

    async fn attempt(&self, deadline: Deadline) -> Result<AccessToken, CallError> {
        let operation = const { &AccessTokenRequest::OPERATION };
        let path = self.api.path(operation).map_err(|e| CallError::new(operation, e))?;
        let encoding = self.api.encoding(operation);
        let request = encode(&self.api.base_url, path, encoding, &[], &self.request.parameters())
            .map_err(|e| CallError::new(operation, e))?;
        let outcome = self.driver.call::<AccessTokenRequest>(request, deadline).await;
        outcome.map_err(|error| self.api.explain(error))
    }
}

#[async_trait]
impl TokenFetcher for VendorFetcher {
    async fn fetch(&self) -> Result<AccessToken, CallError> {
        self.driver.repeat(const { &AccessTokenRequest::OPERATION }, |deadline| self.attempt(deadline)).await
    }
}
