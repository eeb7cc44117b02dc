//! TLS settings that are never used: no contestant speaks TLS here.

use std::sync::Arc;

use anyhow::Result;
use rustls::{ClientConfig, RootCertStore};

/// Returns settings without authorities. Without any, a client loads the machine's, which may be missing.
pub(crate) fn trust_nobody() -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}
