//! The report: two tables and a line for people, one document for programs, and the exit code.

use std::process::ExitCode;

use serde::Serialize;
use weifen::config::{Examination, Origin, Provenance};

use super::finding::{Finding, State};
use crate::chinese::chinese;
use crate::failure::Failure;
use crate::language::Language;
use crate::output::{Output, Report, table, wrapped};

/// Exit code after a problem: that of a configuration that can't be used.
const PROBLEM: u8 = 3;

/// The words of a report in one language.
struct Words {
    setting: [&'static str; 3],
    check: [&'static str; 4],
    state: fn(State) -> &'static str,
    counts: fn(usize, usize) -> String,
    /// Says a sentence, which is English, in this language.
    said: fn(&str) -> String,
}

const ENGLISH: Words = Words {
    setting: ["SETTING", "VALUE", "FROM"],
    check: ["CHECK", "STATE", "FOUND", "WHAT TO DO"],
    state: State::as_str,
    counts: |problems, warnings| format!("{}, {}.", counted(problems, "problem"), counted(warnings, "warning")),
    said: str::to_owned,
};

const CHINESE: Words = Words {
    setting: ["配置项", "值", "来源"],
    check: ["检查项", "状态", "结果", "怎么办"],
    state: |state| match state {
        State::Ok => "正常",
        State::Warning => "警告",
        State::Problem => "问题",
    },
    counts: |problems, warnings| format!("{problems} 个问题，{warnings} 个警告。"),
    said: chinese,
};

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
    let people = match output {
        Output::People(Language::Chinese) => people(findings, examined, &CHINESE),
        Output::People(Language::English) | Output::Json => people(findings, examined, &ENGLISH),
    };
    output.report(&Report::new(&document, people)?)?;
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::from(PROBLEM) })
}

fn setting(known: &Provenance) -> Setting<'_> {
    let source = match &known.origin {
        Origin::Program => "the command's flag".to_owned(),
        origin => origin.to_string(),
    };
    Setting { key: known.key, value: known.value.as_deref(), source }
}

fn people(findings: &[Finding], examined: &Examination, words: &Words) -> String {
    let set = examined.keys.iter().filter(|known| known.origin != Origin::Default).map(setting);
    let settings = set.map(|Setting { key, value, source }| {
        let instead = if examined.is_at_fault(key) { "can't be used" } else { "set, not shown" };
        [key.to_owned(), value.map_or_else(|| (words.said)(instead), str::to_owned), (words.said)(&source)]
    });
    let rows = findings.iter().map(|finding| {
        let Finding { section, name, state, found, advice } = finding;
        let advice = advice.as_deref().map(words.said).unwrap_or_default();
        [format!("{section}: {name}"), (words.state)(*state).to_owned(), (words.said)(found), advice]
    });
    let settings = match table(words.setting, settings).as_str() {
        "none" => (words.said)("No setting is set; --json lists the defaults."),
        settings => {
            format!("{settings}\n\n{}", (words.said)("All other settings have their defaults; --json lists them."))
        }
    };
    format!("{settings}\n\n{}\n\n{}", wrapped(words.check, rows), verdict(findings, words))
}

fn verdict(findings: &[Finding], words: &Words) -> String {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    match (count(State::Problem), count(State::Warning)) {
        (0, 0) => (words.said)("All is well."),
        (problems, warnings) => (words.counts)(problems, warnings),
    }
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
