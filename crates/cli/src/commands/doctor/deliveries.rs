//! The receiver of deliveries: its settings, and a connection to it. Nothing is sent.

use std::sync::Arc;

use tokio::time::Instant;
use weifen::config::Scope;

use super::address::Address;
use super::certificate;
use super::finding::Findings;
use super::patient::{Patient, SecretState};
use crate::secret_advice;

pub(super) async fn check(patient: Arc<Patient>) -> Findings {
    let mut findings = Findings::of("push");
    if patient.serves() {
        look(&patient, &mut findings).await;
    }
    findings
}

async fn look(patient: &Patient, findings: &mut Findings) {
    let keys = ["serve.deliver_url", "serve.deliver_secret_file", "serve.deliver_public_only"];
    if let Some(doubt) = keys.into_iter().find_map(|key| patient.doubt(key)) {
        return findings.not_checked("deliveries", doubt);
    }
    let serve = &patient.config().serve;
    let Some(url) = &serve.deliver_url else {
        return match &patient.deliver_secret {
            SecretState::NotSet if patient.config().api.may_any(Scope::Deliveries) => {
                findings.ok("deliveries", "claimed by callers of the API");
            }
            SecretState::NotSet => findings.warning(
                "deliveries",
                "off: serve.deliver_url is not set; events are stored and wait",
                "set serve.deliver_url and serve.deliver_secret_file",
            ),
            _ => findings.problem(
                "deliveries",
                "serve.deliver_secret_file is set, and serve.deliver_url is not: `weifen serve` does not start",
                "set both or none",
            ),
        };
    };
    match &patient.deliver_secret {
        SecretState::NotSet => findings.problem(
            "deliveries",
            "serve.deliver_url is set, and serve.deliver_secret_file is not: `weifen serve` does not start",
            secret_advice::of_unset("serve.deliver_secret_file").unwrap_or_default(),
        ),
        SecretState::Unusable(_) => findings.not_checked("deliveries", "serve.deliver_secret_file can't be used"),
        SecretState::Stdin | SecretState::Read(()) if serve.deliver_public_only => {
            findings.ok("deliveries", format!("to {url}, signed, and to public addresses only"));
        }
        SecretState::Stdin | SecretState::Read(()) => findings.ok("deliveries", format!("to {url}, signed")),
    }
    let Some(mut address) = Address::towards(url.expose(), patient) else { return };
    address.public_only = serve.deliver_public_only;
    let ends = Instant::now() + patient.limit;
    let (stream, at) = match address.connect(patient.connecting(ends)).await {
        Ok(connected) => connected,
        Err(trouble) => return findings.problem("receiver", trouble.found, trouble.advice),
    };
    if !address.is_encrypted || patient.proxy_towards(url.expose()).is_some() {
        return findings.ok("receiver", format!("{at} accepts connections; nothing was sent"));
    }
    match &patient.outgoing.tls {
        Err(_) => findings.not_checked("receiver", "the certificate authorities can't be used"),
        Ok(connector) => {
            match certificate::accepted(connector, &address.host, stream, patient.connecting(ends)).await {
                Ok(found) => findings.ok("receiver", format!("{at}, {found}; nothing was sent")),
                Err(trouble) => findings.problem("receiver", trouble.found, trouble.advice),
            }
        }
    }
}
