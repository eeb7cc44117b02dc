//! A vendor: its settings, its base URL and credentials, and then the way to it.

use std::sync::Arc;

use secrecy::SecretString;
use weifen::Weifen;
use weifen::proto::Vendor;
use weifen::transport::{BaseUrl, Plaintext, in_words};
use weifen::weiting::token::MemoryStore;

use super::finding::Findings;
use super::patient::{Patient, SecretState};
use super::reach;

/// The settings of one vendor.
struct Asked<'a> {
    patient: &'a Patient,
    vendor: Vendor,
    base_url: &'a str,
    plaintext: bool,
    appid_key: &'static str,
    secret_key: &'static str,
    secret: &'a SecretState<SecretString>,
}

pub(super) async fn check(patient: Arc<Patient>, vendor: Vendor) -> Findings {
    let mut findings = Findings::of(vendor.name());
    let asked = Asked::new(&patient, vendor);
    if !asked.is_used() {
        findings.ok("set up", format!("no: neither {} nor {} is set", asked.appid_key, asked.secret_key));
        return findings;
    }
    if asked.only_names_us() {
        let found = "only for pushes; calls, such as for QR codes, also need fensi.app_secret";
        findings.ok("set up", found);
        return findings;
    }
    if !asked.base_url(&mut findings) {
        return findings;
    }
    asked.credentials(&mut findings);
    reach::check(&patient, asked.base_url, &mut findings).await;
    findings
}

impl<'a> Asked<'a> {
    fn new(patient: &'a Patient, vendor: Vendor) -> Self {
        let config = patient.config();
        match vendor {
            Vendor::Weiting => Self {
                patient,
                vendor,
                base_url: &config.weiting.base_url,
                plaintext: config.weiting.plaintext,
                appid_key: "weiting.appid",
                secret_key: "weiting.secret",
                secret: &patient.weiting_secret,
            },
            Vendor::Fensi => Self {
                patient,
                vendor,
                base_url: &config.fensi.base_url,
                plaintext: config.fensi.plaintext,
                appid_key: "fensi.develop_appid",
                secret_key: "fensi.app_secret",
                secret: &patient.app_secret,
            },
        }
    }

    fn is_used(&self) -> bool {
        let keys = [self.appid_key, self.secret_key, &self.secret_file(), &self.key("base_url")];
        keys.into_iter().any(|key| self.patient.is_set(key)) || self.patient.examined.has_unread_file()
    }

    /// True where the appid is set for the inbox alone, which receives and books pushes and calls nobody.
    fn only_names_us(&self) -> bool {
        let for_calls = [self.secret_key, &self.secret_file(), &self.key("base_url")];
        let is_for_calls = for_calls.into_iter().any(|key| self.patient.is_set(key));
        self.vendor == Vendor::Fensi
            && !is_for_calls
            && self.patient.uses("serve.", "")
            && !self.patient.examined.has_unread_file()
    }

    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.vendor.name())
    }

    fn secret_file(&self) -> String {
        format!("{}_file", self.secret_key)
    }

    /// Checks the base URL; false where it is unknown.
    fn base_url(&self, findings: &mut Findings) -> bool {
        if let Some(doubt) = self.patient.doubt(&self.key("base_url")) {
            findings.not_checked("base URL", doubt);
            return false;
        }
        let allowed = if self.plaintext { Plaintext::Allowed } else { Plaintext::Refused };
        match BaseUrl::new(self.base_url, allowed) {
            Ok(url) if url.is_https() || BaseUrl::new(self.base_url, Plaintext::Refused).is_ok() => {
                findings.ok("base URL", self.base_url);
            }
            Ok(_) => findings.warning(
                "base URL",
                format!("{}: credentials and signatures are sent unencrypted", self.base_url),
                format!("use https and remove {}", self.key("plaintext")),
            ),
            Err(error) => findings.problem(
                "base URL",
                format!("{}: {error}", self.base_url),
                format!("use https, or set {} = true", self.key("plaintext")),
            ),
        }
        true
    }

    fn credentials(&self, findings: &mut Findings) {
        let keys = [self.appid_key.to_owned(), self.secret_key.to_owned(), self.secret_file()];
        if let Some(doubt) = keys.iter().find_map(|key| self.patient.doubt(key)) {
            return findings.not_checked("credentials", doubt);
        }
        match self.secret {
            SecretState::Unusable(_) => {
                findings.not_checked("credentials", format!("{} can't be used", self.secret_key));
            }
            SecretState::Stdin => findings.ok("credentials", "the secret comes from stdin, which doctor does not read"),
            SecretState::NotSet | SecretState::Read(_) => match self.client() {
                None => findings.not_checked("credentials", "[http] can't be used"),
                Some(Ok(())) => findings.ok("credentials", "set; only a call shows whether they are right"),
                Some(Err(problem)) => {
                    findings.problem(
                        "credentials",
                        problem,
                        "set the missing values; remove white space from the others",
                    );
                }
            },
        }
    }

    /// Tries to make a client of them; `None` where there is no transport.
    fn client(&self) -> Option<Result<(), String>> {
        let transport = self.patient.outgoing.transport.as_ref().ok()?;
        let mut config = self.patient.config().clone();
        // The base URL has a line of its own.
        config.weiting.plaintext = true;
        config.fensi.plaintext = true;
        let weifen = Weifen::builder(config).transport(transport.clone()).token_store(Arc::new(MemoryStore::new()));
        let made = weifen.build().and_then(|weifen| match self.vendor {
            Vendor::Weiting => weifen.weiting().map(drop),
            Vendor::Fensi => weifen.fensi().map(drop),
        });
        Some(made.map_err(|error| in_words(&error)))
    }
}
