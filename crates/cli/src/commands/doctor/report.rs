//! The report: two tables and a line for people, one document for programs, and the exit code.

use std::process::ExitCode;

use serde::Serialize;
use weifen::config::{Examination, Origin, Provenance};

use super::finding::{Finding, State};
use crate::failure::Failure;
use crate::output::{Output, Report, table, wrapped};

/// Exit code after a problem: that of a configuration that can't be used.
const PROBLEM: u8 = 3;

#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    checks: &'a [Finding],
    configuration: Vec<Setting<'a>>,
}

#[derive(Serialize)]
struct Setting<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    source: String,
}

/// # Errors
/// When stdout can't be written to.
pub(super) fn write(findings: &[Finding], examined: &Examination, output: Output) -> Result<ExitCode, Failure> {
    let ok = findings.iter().all(|finding| finding.state != State::Problem);
    let document = Document { ok, checks: findings, configuration: examined.keys.iter().map(setting).collect() };
    output.report(&Report::new(&document, people(findings, examined))?)?;
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::from(PROBLEM) })
}

fn setting(known: &Provenance) -> Setting<'_> {
    let source = match &known.origin {
        Origin::Program => "the command's flag".to_owned(),
        origin => origin.to_string(),
    };
    Setting { key: known.key, value: known.value.as_deref(), source }
}

fn people(findings: &[Finding], examined: &Examination) -> String {
    let set = examined.keys.iter().filter(|known| known.origin != Origin::Default).map(setting);
    let settings = set.map(|Setting { key, value, source }| {
        let instead = if examined.is_at_fault(key) { "can't be used" } else { "set, and not shown" };
        [key.to_owned(), value.unwrap_or(instead).to_owned(), source]
    });
    let rows = findings.iter().map(|finding| {
        let Finding { section, name, state, found, advice } = finding;
        let advice = advice.clone().unwrap_or_default();
        [format!("{section}: {name}"), state.as_str().to_owned(), found.clone(), advice]
    });
    let settings = match table(["SETTING", "VALUE", "FROM"], settings).as_str() {
        "none" => "No setting is set; --json lists the defaults.".to_owned(),
        settings => format!("{settings}\n\nAll else has its default; --json lists it."),
    };
    let checks = wrapped(["CHECK", "STATE", "FOUND", "WHAT TO DO"], rows);
    format!("{settings}\n\n{checks}\n\n{}", verdict(findings))
}

fn verdict(findings: &[Finding]) -> String {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let many = |count, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    match (count(State::Problem), count(State::Warning)) {
        (0, 0) => "All is well.".to_owned(),
        (problems, warnings) => format!("{}, {}.", many(problems, "problem"), many(warnings, "warning")),
    }
}
