//! The HTTP API: its address, and the keys of its callers.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use weifen::config::{ApiCaller, ApiConfig};

use super::finding::Findings;
use super::patient::{Patient, SecretState, revealed};
use super::secret_file;

pub(super) async fn check(patient: Arc<Patient>) -> Findings {
    let mut findings = Findings::of("api");
    if let Some(doubt) = patient.doubt("api.listen") {
        findings.not_checked("listen", doubt);
        return findings;
    }
    let api = &patient.config().api;
    match api.listen {
        None => {
            findings.ok("set up", "no: api.listen is not set");
            return findings;
        }
        Some(address) if address.ip().is_loopback() => {
            findings.ok("listen", format!("{address}, for this machine only"));
        }
        Some(address) => findings.warning(
            "listen",
            format!(
                "{address} is not a loopback address, and the API is plain http: others can read keys and answers on \
                 the network"
            ),
            "put a TLS proxy in front of the API, and set api.listen to an address of this machine only, such as \
             127.0.0.1:8322",
        ),
    }
    let has_bad_caller =
        patient.examined.faults.iter().filter_map(|fault| fault.key()).any(|key| key.starts_with("api.callers"));
    if has_bad_caller {
        findings.not_checked("callers", "the settings of a caller can't be used");
    } else {
        callers(api, &mut findings).await;
    }
    findings
}

async fn callers(api: &ApiConfig, findings: &mut Findings) {
    let Ok(callers) = api.callers() else {
        let found = "none: `weifen serve` does not start";
        return findings.problem("callers", found, "add [[api.callers]] with name, key_file and scopes");
    };
    let mut known: Vec<(&str, SecretString)> = Vec::new();
    for caller in callers {
        let name = format!("caller {}", caller.name);
        let Some(path) = caller.key_file() else {
            findings.ok(name, "comes from stdin, which doctor does not read");
            continue;
        };
        if let Some(exposure) = secret_file::exposure(path) {
            findings.warning(&name, exposure.found, exposure.advice);
        }
        let keys = match keys(caller).await {
            SecretState::Read(keys) => keys,
            SecretState::Unusable(trouble) => {
                findings.problem(name, trouble.found, trouble.advice);
                continue;
            }
            SecretState::NotSet | SecretState::Stdin => continue,
        };
        let is_among = |key: &SecretString| keys.iter().any(|own| own.expose_secret() == key.expose_secret());
        if let Some((other, _)) = known.iter().find(|(_, key)| is_among(key)) {
            let found = format!("the key is also that of caller {other}: `weifen serve` does not start");
            findings.problem(name, found, "give each caller its own key");
        } else if keys.len() == 1 {
            findings.ok(name, "1 key, strong enough");
        } else {
            findings.ok(name, "2 keys, strong enough; remove the first line when no caller uses it any more");
        }
        known.extend(keys.into_iter().map(|key| (caller.name.as_str(), key)));
    }
}

async fn keys(caller: &ApiCaller) -> SecretState<Vec<SecretString>> {
    let caller = caller.clone();
    revealed("api.callers.key_file", move || caller.keys()).await
}
