//! The way to a vendor: a connection, its certificate, an answer, and the clock in that.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use tokio::time::{Instant, timeout_at};
use url::Url;
use weifen::config::PrivateUrl;
use weifen::transport::{NetworkFault, Transport, TransportError, in_words};

use super::address::{Address, seconds};
use super::finding::Findings;
use super::patient::Patient;
use super::{certificate, clock};

const SILENT: &str =
    "try again later or with a longer --timeout; if the error persists, ask the vendor or the operator of the proxy";

/// Checks each step with its own timeout, until the check's end.
pub(super) async fn check(patient: &Patient, base_url: &str, findings: &mut Findings) {
    let ends = Instant::now() + patient.limit;
    let proxy = patient.proxy_towards(base_url);
    let Some(address) = Address::towards(base_url, patient) else {
        return findings.problem("connection", "the URL has no host", "correct the value");
    };
    let through = proxy.map(|proxy| format!(" (the proxy {proxy})")).unwrap_or_default();
    let stream = match address.connect(patient.connecting(ends)).await {
        Ok((stream, at)) => {
            findings.ok("connection", format!("{at}{through}"));
            stream
        }
        Err(trouble) => {
            return findings.problem("connection", format!("{}{through}", trouble.found), trouble.advice);
        }
    };
    if address.is_encrypted && proxy.is_none() {
        let Ok(connector) = &patient.outgoing.tls else {
            return findings.not_checked("TLS", "the certificate authorities can't be used");
        };
        match certificate::accepted(connector, &address.host, stream, patient.connecting(ends)).await {
            Ok(found) => findings.ok("TLS", found),
            Err(trouble) => return findings.problem("TLS", trouble.found, trouble.advice),
        }
    }
    answer(patient, base_url, proxy, ends, findings).await;
}

/// Sends a HEAD for the root, without any credential.
async fn answer(
    patient: &Patient,
    base_url: &str,
    proxy: Option<&PrivateUrl>,
    deadline: Instant,
    findings: &mut Findings,
) {
    let Ok(transport) = patient.outgoing.on_a_thread_of_its_own() else {
        return findings.not_checked("answer", "[http] can't be used");
    };
    let request = Request::builder().method(Method::HEAD).uri(format!("{base_url}/"));
    let Ok(request) = request.body(Bytes::new()) else {
        return findings.problem("answer", "a request to the base URL is not possible", "correct the value");
    };
    let (began, sent) = (Instant::now(), SystemTime::now());
    let silent = |began: Instant| format!("connected, but no answer within {} s", seconds(began.elapsed()));
    match timeout_at(deadline, transport.send(request)).await {
        Ok(Ok(reply)) => {
            let answered = SystemTime::now();
            if reply.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED && proxy.is_some() {
                let advice = "put user and password into http.proxy";
                return findings.problem("answer", "HTTP 407: the proxy requires user and password", advice);
            }
            findings.ok("answer", status(reply.status(), reply.headers()));
            clock::compare(findings, reply.headers(), sent, answered);
        }
        Ok(Err(TransportError::BadBody { status, .. } | TransportError::BodyTimedOut { status, .. })) => {
            findings.ok("answer", status.to_string());
        }
        Ok(Err(error)) => {
            let waited = Instant::now() >= deadline;
            let found = if waited { silent(began) } else { in_words(&error) };
            findings.problem("answer", found, error.fault().and_then(NetworkFault::advice).unwrap_or(SILENT));
        }
        Err(_) => findings.problem("answer", silent(began), SILENT),
    }
}

/// Describes an answer's status: any will do. A redirect is not followed, here or in a call.
fn status(status: StatusCode, headers: &HeaderMap) -> String {
    let code = status.as_u16();
    if !status.is_redirection() {
        return format!("HTTP {code} to a HEAD of its root");
    }
    let target = headers.get(http::header::LOCATION).and_then(|target| Url::parse(target.to_str().ok()?).ok());
    let host = target.and_then(|target| target.host_str().map(str::to_owned));
    let to = host.map(|host| format!(" to {host}")).unwrap_or_default();
    format!("HTTP {code}{to} to a HEAD of its root; redirects are not followed")
}
