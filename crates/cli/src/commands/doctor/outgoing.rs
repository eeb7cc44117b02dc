//! The transport and TLS of the checks. Made before any check's time begins: reading certificates takes a while.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::TlsConnector;
use weifen::config::HttpConfig;
use weifen::transport::{Transport, in_words, tls_client_config};

use super::bounded::{FILES, within};
use crate::own_thread::OwnThread;

/// Timeout for reading the machine's certificates, which may be hundreds of files.
const CERTIFICATES: Duration = Duration::from_secs(10);

pub(super) struct Outgoing {
    /// The content of `http.ca_file`.
    pub(super) ca_pem: Option<Vec<u8>>,
    /// TLS for connections, or the reason why the certificate authorities can't be used.
    pub(super) tls: Result<TlsConnector, String>,
    /// Transport of requests, or the reason why there is none.
    pub(super) transport: Result<Arc<dyn Transport>, String>,
    /// Transport to this machine itself, in clear: neither proxy nor authorities are used.
    pub(super) here: Option<Arc<dyn Transport>>,
}

impl Outgoing {
    /// Reads the certificates and makes the transports.
    pub(super) async fn prepare(http: &HttpConfig) -> Self {
        let ca_pem = match http.ca_file.clone().map(authorities) {
            None => None,
            Some(read) => match read.await {
                Ok(pem) => Some(pem),
                Err(problem) => return Self::unusable(problem, here(http).await),
            },
        };
        let (configured, pem) = (http.clone(), ca_pem.clone());
        let made = within(CERTIFICATES, move || {
            let tls = tls_client_config(pem.as_deref()).map_err(|error| in_words(&error));
            let transport = configured.transport().map_err(|error| in_words(&error));
            (tls.map(|config| Arc::new(config).into()), transport)
        });
        let (made, here) = tokio::join!(made, here(http));
        if let Some((tls, transport)) = made {
            return Self { ca_pem, tls, transport, here };
        }
        let problem = format!("timed out after {} s reading the certificates", CERTIFICATES.as_secs());
        Self { ca_pem, ..Self::unusable(problem, here) }
    }

    /// A transport for one check: an endless reply blocks no other check.
    pub(super) fn on_a_thread_of_its_own(&self) -> Result<OwnThread, String> {
        OwnThread::start(self.transport.clone()?).map_err(|error| in_words(&error))
    }

    fn unusable(problem: String, here: Option<Arc<dyn Transport>>) -> Self {
        Self { ca_pem: None, tls: Err(problem.clone()), transport: Err(problem), here }
    }
}

/// The transport to this machine. It still reads certificates, the machine's.
async fn here(http: &HttpConfig) -> Option<Arc<dyn Transport>> {
    let mut http = http.clone();
    (http.proxy, http.ca_file) = (None, None);
    within(CERTIFICATES, move || http.transport()).await?.ok()
}

async fn authorities(path: PathBuf) -> Result<Vec<u8>, String> {
    let shown = path.display().to_string();
    let read = move || if std::fs::metadata(&path)?.is_file() { std::fs::read(path).map(Some) } else { Ok(None) };
    match within(FILES, read).await {
        Some(Ok(Some(pem))) => Ok(pem),
        // It is read again for each connection, which a pipe does not allow.
        Some(Ok(None)) => Err(format!("http.ca_file: {shown} is not a regular file")),
        Some(Err(error)) => Err(format!("http.ca_file: {shown} can't be read: {error}")),
        None => Err(format!("http.ca_file: reading {shown} timed out after {} s", FILES.as_secs())),
    }
}
