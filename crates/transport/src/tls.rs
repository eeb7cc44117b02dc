//! Encryption: one TLS library, one crypto provider and one idea of whom to trust, for all that connects.

use std::sync::{Arc, LazyLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::BuildError;

/// The machine's authorities, else Mozilla's. They may be hundreds of files, and are read once in a process.
static MACHINE: LazyLock<RootCertStore> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
});

/// How this crate's connections are encrypted: by rustls with ring. Trusted are the authorities given (PEM, one or more
/// certificates), else the machine's as they were first read, else, where it has none, Mozilla's.
///
/// # Errors
/// When the authorities' PEM holds no certificate.
pub fn tls_client_config(ca_pem: Option<&[u8]>) -> Result<ClientConfig, BuildError> {
    let roots = match ca_pem {
        Some(pem) => authorities(pem)?,
        None => MACHINE.clone(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| BuildError::Transport(Arc::new(e)))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn authorities(pem: &[u8]) -> Result<RootCertStore, BuildError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|e| BuildError::Authorities(Some(Arc::new(e))))?;
        roots.add(certificate).map_err(|e| BuildError::Authorities(Some(Arc::new(e))))?;
    }
    if roots.is_empty() { Err(BuildError::Authorities(None)) } else { Ok(roots) }
}
