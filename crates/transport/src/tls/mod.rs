//! Encryption: one TLS library, one crypto provider and one idea of whom to trust, for all that connects.

mod chain;
mod diagnosis;
mod verifier;

use std::sync::{Arc, LazyLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

#[cfg(feature = "reqwest")]
pub(crate) use self::diagnosis::of_rustls;
use self::verifier::Verifier;
use crate::BuildError;

/// How many characters are told of a name in a certificate.
const LONGEST_NAME: usize = 64;

/// The machine's authorities, else Mozilla's. They may be hundreds of files, and are read once in a process.
static MACHINE: LazyLock<RootCertStore> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
});

/// Returns how this crate's connections are encrypted: by rustls with ring, TLS 1.2 or 1.3. Trusted are the authorities
/// given (PEM, one or more certificates), else the machine's as they were first read, else, where it has none, Mozilla's.
///
/// A server whose own certificate stands among those given is trusted by that, also where the certificate says that it is
/// an authority's (CA:TRUE), as `openssl req -x509` makes it. Its dates, its names and the handshake's signature are
/// checked all the same.
///
/// # Errors
/// When the authorities' PEM holds no certificate.
pub fn tls_client_config(ca_pem: Option<&[u8]>) -> Result<ClientConfig, BuildError> {
    let (roots, listed) = match ca_pem {
        Some(pem) => authorities(pem)?,
        None => (MACHINE.clone(), Vec::new()),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new(roots, listed, provider.clone())?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| BuildError::Transport(Arc::new(e)))?;
    Ok(config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

/// The authorities, and their certificates as they are written there.
fn authorities(pem: &[u8]) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), BuildError> {
    let unusable = |e: Box<dyn std::error::Error + Send + Sync>| BuildError::Authorities(Some(Arc::from(e)));
    let mut roots = RootCertStore::empty();
    let mut listed = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|e| unusable(e.into()))?;
        roots.add(certificate.clone()).map_err(|e| unusable(e.into()))?;
        listed.push(certificate);
    }
    if listed.is_empty() { Err(BuildError::Authorities(None)) } else { Ok((roots, listed)) }
}

/// A name in a certificate, which is whoever's who made it: cut short, and without control characters.
fn printable(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}
