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
        findings.ok("set up", format!("no; to receive pushes, first set {SECRET_FILE}"));
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
        SecretState::Stdin => findings.ok("secret", "comes from stdin, which doctor does not read"),
        SecretState::Unusable(_) => findings.not_checked("secret", format!("{SECRET_FILE} can't be used")),
        SecretState::Read(secrets) if secrets.len() == 1 => findings.ok("secret", "1, strong enough"),
        SecretState::Read(secrets) => findings.ok(
            "secret",
            format!("{}, strong enough; remove the first line when no push uses it any more", secrets.len()),
        ),
    }
}

fn url(patient: &Patient, findings: &mut Findings) {
    let listen = patient.config().serve.listen;
    findings.ok(
        "push URL",
        format!(
            "https://YOUR.HOST/push/SECRET: forward it to http://{listen}, and enter it at 粉丝万岁: 开发权限 → 基本配置 → 服务器配置"
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
            findings.problem(
                "develop_appid",
                found,
                "set fensi.develop_appid: pushes for any other appid are not ours",
            );
        }
        (None, Ok(appid)) if has_space(appid) => {
            let found = "fensi.develop_appid begins or ends with white space: no push has such an appid";
            findings.problem("develop_appid", found, "remove the white space");
        }
        (None, Ok(_)) => {}
    }
    let keys = &config.serve.keys;
    if let Some(doubt) = patient.doubt("serve.keys").or_else(|| patient.doubt("fensi.key")) {
        findings.not_checked("keys", doubt);
    } else if keys.is_empty() {
        let found = "none known: weifen accepts pushes for every device";
        findings.warning("keys", found, "set serve.keys, or fensi.key if you have one device");
    } else if keys.iter().any(|key| has_space(key)) {
        let found = format!("{} known, but one begins or ends with white space: no push has such a key", keys.len());
        findings.problem("keys", found, "remove the white space from serve.keys or fensi.key");
    } else {
        findings.ok("keys", format!("{} known", keys.len()));
    }
}
