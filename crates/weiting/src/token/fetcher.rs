//! Fetching a token: each fetch counts against the vendor's daily limit.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use weifen_proto::Endpoint;
use weifen_proto::weiting::{AccessToken, AccessTokenRequest};
use weifen_transport::{CallError, Deadline, Driver, encode};

use crate::settings::Settings;

/// Fetches a token from wherever tokens are made.
#[async_trait]
pub trait TokenFetcher: std::fmt::Debug + Send + Sync {
    /// Fetches a new token.
    ///
    /// # Errors
    /// When none came.
    async fn fetch(&self) -> Result<AccessToken, CallError>;
}

/// Fetches tokens from 微厅.
#[derive(Debug)]
pub(crate) struct VendorFetcher {
    request: AccessTokenRequest,
    driver: Arc<Driver>,
    settings: Arc<Settings>,
}

impl VendorFetcher {
    pub(crate) fn new(appid: String, secret: SecretString, driver: Arc<Driver>, settings: Arc<Settings>) -> Self {
        Self { request: AccessTokenRequest::new(appid, secret), driver, settings }
    }

    async fn attempt(&self, deadline: Deadline) -> Result<AccessToken, CallError> {
        let operation = const { &AccessTokenRequest::OPERATION };
        let path = self.settings.path(operation).map_err(|e| CallError::new(operation, e))?;
        let encoding = self.settings.encoding(operation);
        let request = encode(&self.settings.base_url, path, encoding, &[], &self.request.parameters())
            .map_err(|e| CallError::new(operation, e))?;
        let outcome = self.driver.call::<AccessTokenRequest>(request, deadline).await;
        outcome.map_err(|error| self.settings.explain(error))
    }
}

#[async_trait]
impl TokenFetcher for VendorFetcher {
    async fn fetch(&self) -> Result<AccessToken, CallError> {
        self.driver.repeat(const { &AccessTokenRequest::OPERATION }, |deadline| self.attempt(deadline)).await
    }
}
