//! TLS for all connections: one library, one crypto provider and one set of trusted authorities.

mod chain;
mod diagnosis;
mod verifier;

use std::sync::{Arc, LazyLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

#[cfg(any(feature = "hyper", feature = "reqwest"))]
pub(crate) use self::diagnosis::of_rustls;
use self::verifier::Verifier;
use crate::BuildError;

/// Maximum length in characters of a certificate's name in a message.
const LONGEST_NAME: usize = 64;

/// The machine's authorities, else Mozilla's. They may be hundreds of files, so a process reads them once.
static MACHINE: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    Arc::new(roots)
});

/// Returns the TLS configuration of this crate's connections: rustls with ring, TLS 1.2 or 1.3. The authorities in
/// `ca_pem` are trusted (PEM, one or more certificates), else the machine's as first read, else Mozilla's.
///
/// A server certificate that is listed in `ca_pem` itself is trusted, also where it says that it is an authority's
/// (CA:TRUE), as `openssl req -x509` makes it. Its dates, its names and the handshake's signature are checked as well.
///
/// # Errors
/// [`BuildError::Authorities`] where the PEM holds no certificate or a bad one; [`BuildError::Transport`] from rustls.
pub fn tls_client_config(ca_pem: Option<&[u8]>) -> Result<ClientConfig, BuildError> {
    let (roots, listed) = match ca_pem {
        Some(pem) => authorities(pem)?,
        None => (Arc::clone(&MACHINE), Vec::new()),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new(roots, listed, provider.clone())?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| BuildError::Transport(Arc::new(e)))?;
    Ok(config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

/// Reads the authorities, and returns their certificates as well.
fn authorities(pem: &[u8]) -> Result<(Arc<RootCertStore>, Vec<CertificateDer<'static>>), BuildError> {
    let unusable = |e: Box<dyn std::error::Error + Send + Sync>| BuildError::Authorities(Some(Arc::from(e)));
    let mut roots = RootCertStore::empty();
    let mut listed = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|e| unusable(e.into()))?;
        roots.add(certificate.clone()).map_err(|e| unusable(e.into()))?;
        listed.push(certificate);
    }
    if listed.is_empty() { Err(BuildError::Authorities(None)) } else { Ok((Arc::new(roots), listed)) }
}

/// Returns a certificate's name, shortened and without control characters: anyone can write anything there.
fn printable(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}
