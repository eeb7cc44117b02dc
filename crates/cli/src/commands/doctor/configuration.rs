//! The configuration: the file and the reason for it, and all faults in the settings.

use std::path::Path;
use std::sync::Arc;
use std::{env, fs};

use weifen::config::{ConfigError, FILE_NAME, Origin};

use super::finding::Findings;
use super::patient::Patient;

pub(super) async fn check(patient: Arc<Patient>) -> Findings {
    let mut findings = Findings::of("configuration");
    file(&patient, &mut findings);
    for fault in patient.examined.faults.iter().filter(|fault| !fault.is_of_file()) {
        findings.problem(fault.key().unwrap_or("a value"), fault.to_string(), repair(fault));
    }
    vendors(&patient, &mut findings);
    findings
}

fn file(patient: &Patient, findings: &mut Findings) {
    let by_environment = env::var_os("WEIFEN_CONFIG").is_some_and(|path| !path.is_empty());
    let why = match (&patient.config_flag, by_environment) {
        (Some(_), _) => "named by --config",
        (None, true) => "named by WEIFEN_CONFIG",
        (None, false) => "found in this folder",
    };
    if let Some(fault) = patient.examined.faults.iter().find(|fault| fault.is_of_file()) {
        let advice = match fault {
            ConfigError::Syntax { line, .. } => {
                format!("correct line {line}; until then weifen uses nothing of the file")
            }
            ConfigError::Distrusted { .. } => {
                "to use the file, name it by --config or WEIFEN_CONFIG; else move the file away, or run in another \
                 folder"
                    .to_owned()
            }
            _ => "name a file that this user can read, or remove --config and WEIFEN_CONFIG".to_owned(),
        };
        return findings.problem("file", format!("{fault} ({why})"), advice);
    }
    match patient.config().file() {
        Some(path) => findings.ok("file", format!("{} ({why}){}", path.display(), target(path))),
        None => findings.ok("file", format!("none: no --config, no WEIFEN_CONFIG, no ./{FILE_NAME}")),
    }
}

/// The file behind the link `path`, and its owner.
fn target(path: &Path) -> String {
    let Ok(target) = fs::canonicalize(path) else { return String::new() };
    let name = if target == path { String::new() } else { format!(": {}", target.display()) };
    match owner(&target) {
        Some(owner) => format!("{name}, of user {owner}"),
        None => name,
    }
}

#[cfg(unix)]
fn owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;

    fs::metadata(path).ok().map(|metadata| metadata.uid())
}

#[cfg(not(unix))]
fn owner(_: &Path) -> Option<u32> {
    None
}

fn repair(fault: &ConfigError) -> String {
    let place = match fault.origin() {
        Some(Origin::Environment { variable }) => format!("correct or unset {variable}"),
        Some(Origin::File { path, line }) => format!("correct line {line} of {}", path.display()),
        _ => "correct the value".to_owned(),
    };
    format!("{place}: {}", fault.expected())
}

/// Warns if neither vendor is set up. One alone is normal use.
fn vendors(patient: &Patient, findings: &mut Findings) {
    let is_set_up = ["weiting.appid", "fensi.develop_appid"].into_iter().any(|key| patient.is_set(key));
    if !is_set_up && !patient.examined.has_unread_file() {
        findings.warning(
            "vendors",
            "neither 微厅 nor 粉丝万岁 is configured",
            format!(
                "first write ./{FILE_NAME}: in [weiting] appid and secret_file, or in [fensi] develop_appid, key and \
                 app_secret_file"
            ),
        );
    }
}
