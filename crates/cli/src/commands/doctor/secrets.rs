//! The secrets: each is readable, and by its owner alone.

use std::path::Path;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use url::Url;
use weifen::config::{Config, DatabaseUrl, Origin, PrivateUrl, TokenStoreUrl};

use super::finding::Findings;
use super::patient::{Patient, SecretState};
use super::secret_file;

pub(super) async fn check(patient: Arc<Patient>) -> Findings {
    let mut findings = Findings::of("secrets");
    one(&patient, &mut findings, "weiting.secret_file", &patient.weiting_secret, has_white_space);
    one(&patient, &mut findings, "fensi.app_secret_file", &patient.app_secret, has_white_space);
    one(&patient, &mut findings, "serve.push_secret_file", &patient.push_secrets, |_| false);
    one(&patient, &mut findings, "serve.deliver_secret_file", &patient.deliver_secret, |()| false);
    in_configuration(&patient, &mut findings);
    findings
}

/// Reports a secret's text and its file's permissions, each with its own finding.
fn one<T>(
    patient: &Patient,
    findings: &mut Findings,
    file_key: &str,
    held: &SecretState<T>,
    has_space: impl Fn(&T) -> bool,
) {
    let key = if *patient.origin(file_key) == Origin::Default { file_key.trim_end_matches("_file") } else { file_key };
    let path = patient.examined.keys.iter().find(|known| known.key == key).and_then(|known| known.value.as_deref());
    let mut is_well = false;
    match held {
        SecretState::NotSet => return,
        SecretState::Stdin => return findings.ok(key, "comes from stdin, which doctor does not read"),
        SecretState::Unusable(_) if patient.doubt(key).is_some() => {
            return findings.not_checked(key, format!("{key} can't be used"));
        }
        SecretState::Unusable(trouble) => findings.problem(key, &trouble.found, &trouble.advice),
        SecretState::Read(secret) if has_space(secret) => {
            let found = "set, but with white space or a line break in, before or after it: weifen uses it unchanged";
            findings.warning(key, found, "remove the white space, unless it is part of the vendor's secret");
        }
        SecretState::Read(_) => is_well = true,
    }
    match path.and_then(|path| secret_file::exposure(Path::new(path))) {
        Some(exposure) => findings.warning(key, exposure.found, exposure.advice),
        None if is_well => findings.ok(key, set_in(path, patient.origin(key))),
        None => {}
    }
}

fn set_in(path: Option<&str>, origin: &Origin) -> String {
    match (path, origin) {
        (Some(path), _) => format!("set, from file {path}"),
        (None, origin) => format!("set, in {origin}"),
    }
}

/// Finds white space and control characters, which hardly belong to a secret.
fn has_white_space(secret: &SecretString) -> bool {
    secret.expose_secret().contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Checks the permissions of the configuration file if it holds a secret itself.
fn in_configuration(patient: &Patient, findings: &mut Findings) {
    let is_in_file = |key: &str| matches!(patient.origin(key), Origin::File { .. });
    let holds = SECRETS_THEMSELVES.into_iter().find(|key| is_in_file(key));
    let holds = holds.or_else(|| passwords(patient.config()).into_iter().find(|key| is_in_file(key)));
    let Some((key, path)) = holds.zip(patient.config().file()) else { return };
    if let Some(exposure) = secret_file::exposure(path) {
        findings.warning("configuration file", format!("the file contains {key}; {}", exposure.found), exposure.advice);
    }
}

const SECRETS_THEMSELVES: [&str; 2] = ["weiting.secret", "fensi.app_secret"];

/// The keys of URLs that carry a password.
fn passwords(config: &Config) -> Vec<&'static str> {
    let redis = match &config.weiting.token_store {
        Some(TokenStoreUrl::Redis(url)) => Some(url),
        _ => None,
    };
    let postgres = match &config.serve.database {
        DatabaseUrl::Postgres(url) => Some(url),
        _ => None,
    };
    let urls =
        [("weiting.token_store", redis), ("serve.database", postgres), ("http.proxy", config.http.proxy.as_ref())];
    let has_password = |url: &PrivateUrl| Url::parse(url.expose()).is_ok_and(|url| url.password().is_some());
    urls.into_iter().filter(|(_, url)| url.is_some_and(has_password)).map(|(key, _)| key).collect()
}
