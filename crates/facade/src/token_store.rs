//! Makes the store that `weiting.token_store` names.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{Origin, PrivateUrl, TokenStoreUrl};
use crate::weiting::token::{FileStore, MemoryStore, TokenStore};
use crate::{Config, SetupError};

const KEY: &str = "weiting.token_store";

impl Config {
    /// Returns the store that `weiting.token_store` names; by default this process's memory. Nothing is opened yet.
    ///
    /// # Errors
    /// Its URL is invalid or needs a feature that is off, or `http.ca_file` can't be used.
    pub fn token_store(&self) -> Result<Arc<dyn TokenStore>, SetupError> {
        match &self.weiting.token_store {
            None | Some(TokenStoreUrl::Memory) => Ok(Arc::new(MemoryStore::new())),
            Some(TokenStoreUrl::File(path)) => Ok(Arc::new(FileStore::new(path).at_most(self.store_limit()))),
            Some(TokenStoreUrl::Redis(url)) => redis(self, url),
        }
    }

    /// Timeout of an operation of the store: less than that of a call, so that the store's own error names the cause.
    fn store_limit(&self) -> Duration {
        self.http.timeout.mul_f64(0.9)
    }
}

/// `rediss://` trusts what `http.ca_file` trusts.
#[cfg(feature = "redis")]
fn redis(config: &Config, url: &PrivateUrl) -> Result<Arc<dyn TokenStore>, SetupError> {
    use weifen_transport::BuildError;

    use crate::weiting::token::RedisStore;

    let store = match config.http.ca_pem()? {
        Some(pem) => RedisStore::with_ca_pem(url.expose(), &pem),
        None => RedisStore::new(url.expose()),
    };
    match store {
        Ok(store) => Ok(Arc::new(store.at_most(config.store_limit()))),
        Err(source @ BuildError::Authorities(_)) => Err(SetupError::Build { section: "http", source }),
        Err(source) => Err(SetupError::Value { origin: origin(config), key: KEY.to_owned(), source }),
    }
}

#[cfg(not(feature = "redis"))]
fn redis(config: &Config, _: &PrivateUrl) -> Result<Arc<dyn TokenStore>, SetupError> {
    Err(SetupError::Feature { origin: origin(config), key: KEY, feature: "redis" })
}

fn origin(config: &Config) -> Origin {
    config.origin(KEY).cloned().unwrap_or(Origin::Default)
}
