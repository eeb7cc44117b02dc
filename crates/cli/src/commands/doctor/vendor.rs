//! A vendor: its credentials, and whether it is reached, encrypted, and of one time with this machine.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use secrecy::SecretString;
use tokio::time::{Instant, timeout_at};
use url::Url;
use weifen::Weifen;
use weifen::config::PrivateUrl;
use weifen::proto::Vendor;
use weifen::transport::{BaseUrl, Plaintext, TransportError};
use weifen::weiting::token::MemoryStore;

use super::address::{Address, seconds};
use super::finding::Findings;
use super::patient::{Held, Patient};
use super::{certificate, clock};
use crate::failure::in_words;

/// What is known of a vendor.
struct Asked<'a> {
    patient: &'a Patient,
    vendor: Vendor,
    base_url: &'a str,
    plaintext: bool,
    appid_key: &'static str,
    secret_key: &'static str,
    secret: &'a Held<SecretString>,
}

pub(super) async fn check(patient: Arc<Patient>, vendor: Vendor) -> Findings {
    let mut findings = Findings::of(vendor.name());
    let asked = Asked::new(&patient, vendor);
    if !asked.is_used() {
        findings.ok("set up", format!("no: neither {} nor {} is set", asked.appid_key, asked.secret_key));
        return findings;
    }
    if !asked.base_url(&mut findings) {
        return findings;
    }
    asked.credentials(&mut findings);
    asked.reach(&mut findings).await;
    findings
}

impl<'a> Asked<'a> {
    fn new(patient: &'a Patient, vendor: Vendor) -> Self {
        let config = patient.config();
        match vendor {
            Vendor::Weiting => Self {
                patient,
                vendor,
                base_url: &config.weiting.base_url,
                plaintext: config.weiting.plaintext,
                appid_key: "weiting.appid",
                secret_key: "weiting.secret",
                secret: &patient.weiting_secret,
            },
            Vendor::Fensi => Self {
                patient,
                vendor,
                base_url: &config.fensi.base_url,
                plaintext: config.fensi.plaintext,
                appid_key: "fensi.develop_appid",
                secret_key: "fensi.app_secret",
                secret: &patient.app_secret,
            },
        }
    }

    fn is_used(&self) -> bool {
        let keys = [self.appid_key, self.secret_key, &self.secret_file(), &self.key("base_url")];
        keys.into_iter().any(|key| self.patient.is_set(key)) || self.patient.examined.has_unread_file()
    }

    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.vendor.name())
    }

    fn secret_file(&self) -> String {
        format!("{}_file", self.secret_key)
    }

    /// Whether there is one to go on with.
    fn base_url(&self, findings: &mut Findings) -> bool {
        if let Some(doubt) = self.patient.doubt(&self.key("base_url")) {
            findings.not_checked("base URL", doubt);
            return false;
        }
        let allowed = if self.plaintext { Plaintext::Allowed } else { Plaintext::Refused };
        match BaseUrl::new(self.base_url, allowed) {
            Ok(url) if url.is_https() || BaseUrl::new(self.base_url, Plaintext::Refused).is_ok() => {
                findings.ok("base URL", self.base_url);
            }
            Ok(_) => findings.warning(
                "base URL",
                format!("{}: credentials and signatures travel in clear", self.base_url),
                format!("use https and take {} away", self.key("plaintext")),
            ),
            Err(error) => findings.problem(
                "base URL",
                format!("{}: {error}", self.base_url),
                format!("use https, or set {} = true", self.key("plaintext")),
            ),
        }
        true
    }

    fn credentials(&self, findings: &mut Findings) {
        let keys = [self.appid_key.to_owned(), self.secret_key.to_owned(), self.secret_file()];
        if let Some(doubt) = keys.iter().find_map(|key| self.patient.doubt(key)) {
            return findings.not_checked("credentials", doubt);
        }
        match self.secret {
            Held::Unusable(_) => findings.not_checked("credentials", format!("{} can't be used", self.secret_key)),
            Held::Stdin => findings.ok("credentials", "the secret comes from stdin, which is not read here"),
            Held::NotSet | Held::Read(_) => match self.client() {
                None => findings.not_checked("credentials", "[http] can't be used"),
                Some(Ok(())) => findings.ok("credentials", "set; whether they are right only a call shows"),
                Some(Err(problem)) => {
                    findings.problem(
                        "credentials",
                        problem,
                        "set what is missing; take white space away from the rest",
                    );
                }
            },
        }
    }

    /// Whether a client can be made of them; `None` where there is nothing to send with.
    fn client(&self) -> Option<Result<(), String>> {
        let transport = self.patient.transport.as_ref().ok()?;
        let mut config = self.patient.config().clone();
        // The base URL has a line of its own.
        config.weiting.plaintext = true;
        config.fensi.plaintext = true;
        let weifen = Weifen::builder(config).transport(transport.clone()).token_store(Arc::new(MemoryStore::new()));
        let made = weifen.build().and_then(|weifen| match self.vendor {
            Vendor::Weiting => weifen.weiting().map(drop),
            Vendor::Fensi => weifen.fensi().map(drop),
        });
        Some(made.map_err(|error| in_words(&error)))
    }

    async fn reach(&self, findings: &mut Findings) {
        let deadline = Instant::now() + self.patient.limit;
        let connecting = deadline.min(Instant::now() + self.patient.config().http.connect_timeout);
        let proxy = self.patient.config().http.proxy.as_ref();
        let Some(address) = Address::towards(self.base_url, self.patient) else {
            return findings.problem("connection", "the URL has no host", "correct it");
        };
        let through = proxy.map(|proxy| format!(" (the proxy {proxy})")).unwrap_or_default();
        let stream = match address.connect(connecting).await {
            Ok((stream, at)) => {
                findings.ok("connection", format!("{at}{through}"));
                stream
            }
            Err(trouble) => {
                return findings.problem("connection", format!("{}{through}", trouble.found), trouble.advice);
            }
        };
        if address.is_encrypted && proxy.is_none() {
            match self.patient.tls() {
                Err(_) => return findings.not_checked("TLS", "http.ca_file can't be used"),
                Ok(connector) => match certificate::accepted(&connector, &address.host, stream, connecting).await {
                    Ok(found) => findings.ok("TLS", found),
                    Err(trouble) => return findings.problem("TLS", trouble.found, trouble.advice),
                },
            }
        }
        self.answer(findings, proxy, deadline).await;
    }

    /// Asks for the root, without any credential.
    async fn answer(&self, findings: &mut Findings, proxy: Option<&PrivateUrl>, deadline: Instant) {
        let Ok(transport) = &self.patient.transport else {
            return findings.not_checked("answer", "[http] can't be used");
        };
        let request = Request::builder().method(Method::HEAD).uri(format!("{}/", self.base_url));
        let Ok(request) = request.body(Bytes::new()) else {
            return findings.problem("answer", "the base URL is none that can be asked", "correct it");
        };
        let (began, sent) = (Instant::now(), SystemTime::now());
        let silent = |began: Instant| format!("connected, and no answer within {} s", seconds(began.elapsed()));
        match timeout_at(deadline, transport.send(request)).await {
            Ok(Ok(reply)) => {
                let answered = SystemTime::now();
                if reply.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED && proxy.is_some() {
                    let advice = "put user and password into http.proxy";
                    return findings.problem("answer", "HTTP 407: the proxy wants to know who asks", advice);
                }
                findings.ok("answer", status(reply.status(), reply.headers()));
                clock::compare(findings, reply.headers(), sent, answered);
            }
            Ok(Err(TransportError::BadBody { status, .. })) => findings.ok("answer", status.to_string()),
            Ok(Err(error)) => {
                let waited = Instant::now() >= deadline;
                let found = if waited { silent(began) } else { in_words(&error) };
                findings.problem("answer", found, SILENT);
            }
            Err(_) => findings.problem("answer", silent(began), SILENT),
        }
    }
}

const SILENT: &str =
    "try again later or with a longer --timeout; if it stays so, ask the vendor, or whoever runs the proxy";

/// Every status is an answer. A redirect is not followed, here or in a call.
fn status(status: StatusCode, headers: &HeaderMap) -> String {
    let code = status.as_u16();
    if !status.is_redirection() {
        return format!("HTTP {code} to a HEAD of its root");
    }
    let target = headers.get(http::header::LOCATION).and_then(|target| Url::parse(target.to_str().ok()?).ok());
    let host = target.and_then(|target| target.host_str().map(str::to_owned));
    let to = host.map(|host| format!(" to {host}")).unwrap_or_default();
    format!("HTTP {code}{to} to a HEAD of its root, which is not followed")
}
