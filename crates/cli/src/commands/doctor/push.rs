//! What receives pushes: secrets, the push URL, whose pushes they are, and the addresses.

use std::sync::Arc;

use super::finding::Findings;
use super::listeners;
use super::patient::{Held, Patient};

const SECRET_FILE: &str = "serve.push_secret_file";

pub(super) async fn check(patient: Arc<Patient>) -> Findings {
    let mut findings = Findings::of("push");
    if !patient.serves() {
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
        Held::NotSet => findings.problem(
            "secret",
            format!("{SECRET_FILE} is not set: `weifen serve` does not start"),
            format!("openssl rand -hex 16 > FILE, and set {SECRET_FILE}"),
        ),
        Held::Stdin => findings.ok("secret", "comes from stdin, which is not read here"),
        Held::Unusable(_) => findings.not_checked("secret", format!("{SECRET_FILE} can't be used")),
        Held::Read(secrets) if secrets.len() == 1 => findings.ok("secret", "1, strong enough"),
        Held::Read(secrets) => findings
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
    if let Some(doubt) = patient.doubt("fensi.develop_appid") {
        findings.not_checked("develop_appid", doubt);
    } else if config.fensi.develop_appid().is_err() {
        let found = "fensi.develop_appid is not set: `weifen serve` does not start";
        findings.problem("develop_appid", found, "set it: pushes for any other are not ours");
    }
    if let Some(doubt) = patient.doubt("serve.keys").or_else(|| patient.doubt("fensi.key")) {
        findings.not_checked("keys", doubt);
    } else if config.serve.keys.is_empty() {
        let found = "none known: a push for any device is taken for ours";
        findings.warning("keys", found, "set serve.keys, or fensi.key where there is one device");
    } else {
        findings.ok("keys", format!("{} known", config.serve.keys.len()));
    }
}
