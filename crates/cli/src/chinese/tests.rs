//! The table against the sources: what doctor and hints say is in it, and nothing else.

use std::fs;
use std::path::Path;

use super::*;

/// Literals of doctor that are no sentences: names of checks, and parts of sentences that the table has whole.
const PARTS: [&str; 27] = [
    "this check",
    "set up",
    "push URL",
    "base URL",
    "own secret",
    "known ones",
    "caller {}",
    "configuration file",
    "a value",
    "ahead of",
    "{} is {} of {}",
    "{} {} the vendor's clock",
    " (the proxy {})",
    " to {}",
    "HTTP {}{} to a HEAD of its root; redirects are not followed",
    "read and written",
    "{} can be {} by others than its owner (mode {})",
    "exists",
    "does not exist yet; the first fetch creates it",
    "file:{} {}",
    "mkdir -p {} && ",
    "{}(umask 077; {} > {})",
    "{} secret {}",
    "WHAT TO DO",
    "TLS 1.",
    "-----BEGIN CERTIFICATE-----",
    "{} 个问题，{} 个警告。",
];

/// Marks in the sources behind which a hint stands.
const HINTS: [&str; 5] = ["with_hint(", "HINT: &str =", "let hint =", "CORRECT_ADDRESS: &str =", "OLD_TLS: &str ="];

fn crates() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The text of all sources below `place`: strings on one line, with `{}` for each hole, and without tests.
fn sources(place: &Path) -> Vec<String> {
    if place.is_dir() {
        let entries = fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
        return entries.filter(|path| !path.ends_with("chinese")).flat_map(|path| sources(&path)).collect();
    }
    let source = fs::read_to_string(place).unwrap();
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines: Vec<_> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut text = String::new();
    for part in lines.join("\n").split("\\\n") {
        text.push_str(if text.is_empty() { part } else { part.trim_start() });
    }
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_.:?".contains(c));
    let mut parts = text.split('{');
    let mut unnamed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        unnamed.push('{');
        unnamed.push_str(match part.split_once('}') {
            Some((name, _)) if is_name(name) => &part[name.len()..],
            _ => part,
        });
    }
    vec![unnamed]
}

/// The string literals of a source.
fn literals(source: &str) -> Vec<String> {
    let source = source.replace("'\"'", "");
    let mut found = Vec::new();
    let mut left = source.as_str();
    while let Some((_, behind)) = left.split_once('"') {
        let is_end = |at: &usize| behind[*at..].starts_with('"') && !behind[..*at].ends_with('\\');
        let end = (0..behind.len()).filter(|at| behind.is_char_boundary(*at)).find(is_end).unwrap();
        found.push(behind[..end].to_owned());
        left = &behind[end + 1..];
    }
    found
}

/// Returns true for text with words of its own, which `{}: {}` has not.
fn has_words(text: &str) -> bool {
    text.trim().contains(' ') && text.contains(char::is_alphabetic)
}

/// Returns true where a row says the sentence.
fn is_known(sentence: &str) -> bool {
    let says = |english: &str| holes(&english.replace("{#}", "{}"), sentence).is_some();
    TABLE.iter().any(|(english, _)| english.contains(char::is_alphabetic) && says(english))
}

#[test]
fn each_sentence_of_doctor_has_its_chinese() {
    let doctor = ["cli/src/commands/doctor", "cli/src/secret_advice.rs"];
    let sources: Vec<_> = doctor.iter().flat_map(|place| sources(&crates().join(place))).collect();
    let literals: Vec<_> = sources.iter().flat_map(|source| literals(source)).collect();
    let missing: Vec<_> =
        literals.iter().filter(|text| has_words(text) && !is_known(text) && !PARTS.contains(&text.as_str())).collect();
    assert!(missing.is_empty(), "put these into chinese/table.rs: {missing:#?}");
}

#[test]
fn each_hint_has_its_chinese() {
    let mut hints = Vec::new();
    for source in
        ["cli", "transport", "weiting", "fensi"].iter().flat_map(|name| sources(&crates().join(name).join("src")))
    {
        for mark in HINTS {
            for (at, _) in source.match_indices(mark) {
                let behind = source[at + mark.len()..].trim_start();
                let behind = behind.strip_prefix("format!(").unwrap_or(behind).trim_start();
                hints.extend(behind.starts_with('"').then(|| literals(behind).swap_remove(0)));
            }
        }
    }
    for source in ["proto/src/refusal.rs", "transport/src"].iter().flat_map(|place| sources(&crates().join(place))) {
        if let Some((_, advice)) = source.split_once("pub fn advice(") {
            hints.extend(literals(advice.split("\n    }\n").next().unwrap()));
        }
    }
    assert!(hints.len() > 60, "{hints:#?}");
    let missing: Vec<_> = hints.iter().filter(|hint| !is_known(hint)).collect();
    assert!(missing.is_empty(), "put these into chinese/table.rs: {missing:#?}");
}

#[test]
fn no_row_is_left_over() {
    let sources: Vec<_> = ["cli", "database", "facade", "proto", "transport", "weiting"]
        .iter()
        .flat_map(|name| sources(&crates().join(name).join("src")))
        .collect();
    let is_said = |english: &str| sources.iter().any(|source| source.contains(&english.replace("{#}", "{}")));
    let composed = [
        " the vendor's",
        "(the proxy {})",
        "redirects are not followed",
        "others than its owner",
        "file:{} ",
        "correct ",
        "does not exist",
        "around it",
        "weifen_",
    ];
    let left: Vec<_> = TABLE
        .iter()
        .map(|(english, _)| english)
        .filter(|english| !is_said(english) && !composed.iter().any(|part| english.contains(part)))
        .collect();
    assert!(left.is_empty(), "remove these from chinese/table.rs: {left:#?}");
}

#[test]
fn each_row_is_said_once_and_keeps_what_is_filled_in() {
    for (at, (english, chinese)) in TABLE.iter().enumerate() {
        assert!(!TABLE[..at].iter().any(|(other, _)| other == english), "{english} is given twice");
        for hole in 0..english.matches('{').count() {
            assert!(chinese.contains(&format!("{{{hole}}}")), "{chinese} lacks {{{hole}}}");
        }
    }
}

#[test]
fn what_is_filled_in_is_said_in_chinese_too_and_what_is_unknown_stays() {
    assert_eq!(chinese("none"), "无");
    assert_eq!(chinese("not checked: http.proxy can't be used"), "未检查：http.proxy 不可用");
    assert_eq!(chinese("correct line 3 of ./weifen.toml: true or false"), "改正 ./weifen.toml 第 3 行：true 或 false");
    assert_eq!(chinese("1 h 5 min behind the vendor's clock"), "比平台慢 1 小时 5 分");
    assert_eq!(chinese("Permission denied (os error 13)"), "Permission denied (os error 13)");
    assert_eq!(
        chinese("the file contains fensi.app_secret; ./weifen.toml can be read by others than its owner (mode 0644)"),
        "里面有 fensi.app_secret；属主以外的人能读 ./weifen.toml（权限 0644）"
    );
    assert_eq!(chinese("2 known"), "已知 2 个");
    assert_eq!(chinese("Name or service not known"), "Name or service not known");
}
