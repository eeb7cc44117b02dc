//! The receiver of pushes: secrets, the push URL, our developer and devices, and the addresses.

use std::sync::Arc;

use weifen::proto::InvalidRequest;

use super::finding::Findings;
use super::listeners;
use super::patient::{Patient, SecretState};
use crate::secret_advice;

const SECRET_FILE: &str = "serve.push_secret_file";

pub(super) async fn check(patient: Arc<Patient>) -> Findings {
    let mut findings = Findings::of("push");
    let is_api_alone = patient.config().api.listen.is_some() && matches!(patient.push_secrets, SecretState::NotSet);
    if !patient.serves() || is_api_alone {
        findings.ok("set up", format!("no; to receive pushes begin with {SECRET_FILE}"));
        return findings;
    }
    secrets(&patient, &mut findings);
    url(&patient, &mut findings);
    whose(&patient, &mut findings);
    listeners::check(&patient, &mut findings).await;
    findings
}

fn secrets(patient: &Patient, findings: &mut Findings) {
    match &patient.push_secrets {
        _ if patient.doubt(SECRET_FILE).is_some() => {
            findings.not_checked("secret", "serve.push_secret_file is not known");
        }
        SecretState::NotSet => findings.problem(
            "secret",
            format!("{SECRET_FILE} is not set: `weifen serve` does not start"),
            secret_advice::of_unset(SECRET_FILE).unwrap_or_default(),
        ),
        SecretState::Stdin => findings.ok("secret", "comes from stdin, which is not read here"),
        SecretState::Unusable(_) => findings.not_checked("secret", format!("{SECRET_FILE} can't be used")),
        SecretState::Read(secrets) if secrets.len() == 1 => findings.ok("secret", "1, strong enough"),
        SecretState::Read(secrets) => findings
            .ok("secret", format!("{}, strong enough; remove the first line once nothing comes by it", secrets.len())),
    }
}

fn url(patient: &Patient, findings: &mut Findings) {
    let listen = patient.config().serve.listen;
    findings.ok(
        "push URL",
        format!(
            "https://YOUR.HOST/push/SECRET, to be led to http://{listen} and entered at 粉丝万岁: 开发权限 → 基本配置 → 服务器配置"
        ),
    );
}

fn whose(patient: &Patient, findings: &mut Findings) {
    let config = patient.config();
    let has_space = |text: &str| InvalidRequest::unless_trimmed("", text).is_err();
    match (patient.doubt("fensi.develop_appid"), config.fensi.develop_appid()) {
        (Some(doubt), _) => findings.not_checked("develop_appid", doubt),
        (None, Err(_)) => {
            let found = "fensi.develop_appid is not set: `weifen serve` does not start";
            findings.problem("develop_appid", found, "set it: pushes for any other are not ours");
        }
        (None, Ok(appid)) if has_space(appid) => {
            let found = "fensi.develop_appid begins or ends with white space: no push is for such a one";
            findings.problem("develop_appid", found, "remove it");
        }
        (None, Ok(_)) => {}
    }
    let keys = &config.serve.keys;
    if let Some(doubt) = patient.doubt("serve.keys").or_else(|| patient.doubt("fensi.key")) {
        findings.not_checked("keys", doubt);
    } else if keys.is_empty() {
        let found = "none known: a push for any device is taken for ours";
        findings.warning("keys", found, "set serve.keys, or fensi.key where there is one device");
    } else if keys.iter().any(|key| has_space(key)) {
        let found = format!("{} known, and one begins or ends with white space: no push is for such a one", keys.len());
        findings.problem("keys", found, "remove it from serve.keys or fensi.key");
    } else {
        findings.ok("keys", format!("{} known", keys.len()));
    }
}
