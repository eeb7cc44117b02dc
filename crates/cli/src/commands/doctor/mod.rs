//! `weifen doctor`: checks everything that calls and pushes need, and gives advice. One file a check.
//!
//! It changes nothing, sends no credential and fetches no token. The checks run concurrently, each with a timeout and
//! its own thread, so that the failure of one hides no other.

mod address;
mod api;
mod bounded;
mod certificate;
mod check;
mod clock;
mod configuration;
mod database;
mod database_file;
mod deliveries;
mod finding;
mod http;
mod listeners;
mod outgoing;
mod patient;
mod push;
mod reach;
mod report;
mod secret_file;
mod secrets;
mod signature;
mod token;
mod trouble;
mod vendor;
mod writing;

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use weifen::config::{ConfigError, Examination, FILE_NAME, Origin, Sources};
use weifen::proto::Vendor;

use crate::arguments::Globals;
use crate::clients::sources;
use crate::failure::Failure;
use crate::output::Output;
use crate::verbose;
use bounded::{FILES, within};
use check::Check;
use finding::Findings;
use patient::Patient;

pub(crate) async fn run(globals: &Globals, output: Output) -> Result<ExitCode, Failure> {
    let mut examined = examine(globals).await;
    if let Some(wrong) = examined.faults.iter().position(|fault| fault.origin() == Some(&Origin::Program)) {
        return Err(examined.faults.swap_remove(wrong).into());
    }
    if globals.verbose > 1 {
        verbose::configuration(&examined.config);
    }
    let patient = Arc::new(Patient::new(examined, globals).await);
    let checks = [
        begin("configuration", &patient, configuration::check),
        begin("secrets", &patient, secrets::check),
        begin("http", &patient, http::check),
        begin("weiting", &patient, |patient| vendor::check(patient, Vendor::Weiting)),
        begin("fensi", &patient, |patient| vendor::check(patient, Vendor::Fensi)),
        begin("signature", &patient, signature::check),
        begin("token", &patient, token::check),
        begin("database", &patient, database::check),
        begin("push", &patient, push::check),
        begin("push", &patient, deliveries::check),
        begin("api", &patient, api::check),
    ];
    let mut findings = Vec::new();
    for check in checks {
        findings.extend(check.findings().await);
    }
    report::write(&findings, &patient.examined, output)
}

/// Reads the configuration.
async fn examine(globals: &Globals) -> Examination {
    let with_flags = |sources: Sources| match &globals.timeout {
        Some(seconds) => sources.set("http.timeout_s", seconds),
        None => sources,
    };
    let all = with_flags(sources(globals));
    if let Some(examined) = within(FILES, || all.examine()).await {
        return examined;
    }
    let path = globals.config.clone().or_else(|| env::var_os("WEIFEN_CONFIG").map(PathBuf::from));
    let path = path.unwrap_or_else(|| FILE_NAME.into());
    let mut examined = with_flags(Sources::new().environment(env::vars_os())).examine();
    examined.faults.insert(0, ConfigError::File { path, source: io::ErrorKind::TimedOut.into() });
    examined
}

fn begin<F>(section: &'static str, patient: &Arc<Patient>, check: impl FnOnce(Arc<Patient>) -> F) -> Check
where
    F: Future<Output = Findings> + Send + 'static,
{
    Check::begin(section, patient.limit, check(Arc::clone(patient)))
}
