//! `[http]`: the proxy and the certificate authorities.

use std::sync::Arc;

use super::finding::Findings;
use super::patient::Patient;

pub(super) async fn check(patient: Arc<Patient>) -> Findings {
    let mut findings = Findings::of("http");
    let http = &patient.config().http;
    match (patient.doubt("http.proxy"), &http.proxy) {
        (Some(doubt), _) => findings.not_checked("proxy", doubt),
        (None, Some(proxy)) if patient.tls().is_ok() && patient.transport.is_err() => {
            let found = patient.transport.as_ref().err().cloned().unwrap_or_default();
            findings.problem("proxy", format!("{proxy}: {found}"), "correct http.proxy");
        }
        (None, Some(proxy)) => findings.ok("proxy", format!("{proxy}, for all calls and deliveries")),
        (None, None) => findings.ok("proxy", "none; the environment's proxies are not used"),
    }
    match (patient.doubt("http.ca_file"), &http.ca_file, &patient.ca_pem) {
        (Some(doubt), ..) => findings.not_checked("authorities", doubt),
        (None, None, _) => findings.ok("authorities", "the machine's, else Mozilla's"),
        (None, Some(path), Some(pem)) if patient.tls().is_ok() => {
            let found = format!("{} in {}, in the place of the machine's", certificates(pem), path.display());
            findings.ok("authorities", found);
        }
        (None, Some(_), _) => {
            let found = patient.tls().err().filter(|_| patient.ca_pem.is_some());
            let found = found.or_else(|| patient.transport.as_ref().err().cloned()).unwrap_or_default();
            findings.problem("authorities", found, "let http.ca_file name a readable PEM file of certificates");
        }
    }
    findings
}

fn certificates(pem: &[u8]) -> String {
    let text = String::from_utf8_lossy(pem);
    match text.matches("-----BEGIN CERTIFICATE-----").count() {
        1 => "1 certificate".to_owned(),
        many => format!("{many} certificates"),
    }
}
