//! Encryption: one TLS library, one crypto provider and one idea of whom to trust, for all that connects.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::BuildError;

/// How this crate's connections are encrypted: by rustls with ring. Trusted are the authorities given (PEM, one or more
/// certificates), else the machine's, else, where it has none, Mozilla's.
///
/// # Errors
/// When the authorities' PEM holds no certificate.
pub fn tls_client_config(ca_pem: Option<&[u8]>) -> Result<ClientConfig, BuildError> {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = ca_pem {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|e| BuildError::Authorities(Some(Arc::new(e))))?;
            roots.add(certificate).map_err(|e| BuildError::Authorities(Some(Arc::new(e))))?;
        }
        if roots.is_empty() {
            return Err(BuildError::Authorities(None));
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| BuildError::Transport(Arc::new(e)))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
