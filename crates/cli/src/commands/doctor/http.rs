//! `[http]`: the proxy and the certificate authorities.

use std::sync::Arc;

use super::finding::Findings;
use super::patient::Patient;

pub(super) async fn check(patient: Arc<Patient>) -> Findings {
    let mut findings = Findings::of("http");
    let (http, outgoing) = (&patient.config().http, &patient.outgoing);
    match (patient.doubt("http.proxy"), &http.proxy, &outgoing.transport) {
        (Some(doubt), ..) => findings.not_checked("proxy", doubt),
        (None, Some(proxy), Err(found)) if outgoing.tls.is_ok() => {
            findings.problem("proxy", format!("{proxy}: {found}"), "correct http.proxy");
        }
        (None, Some(proxy), _) => {
            findings.ok("proxy", format!("{proxy}, for all calls and deliveries to other machines"));
        }
        (None, None, _) => findings.ok("proxy", "none; the environment's proxies are not used"),
    }
    match (patient.doubt("http.ca_file"), &http.ca_file, &outgoing.tls) {
        (Some(doubt), ..) => findings.not_checked("authorities", doubt),
        (None, Some(path), Ok(_)) => {
            let many = certificates(outgoing.ca_pem.as_deref().unwrap_or_default());
            findings.ok("authorities", format!("{many} in {}, instead of the machine's", path.display()));
        }
        (None, None, Ok(_)) => findings.ok("authorities", "the machine's, else Mozilla's"),
        (None, _, Err(found)) => {
            findings.problem("authorities", found, "set http.ca_file to a readable PEM file of certificates");
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
