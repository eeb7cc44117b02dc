//! `cargo xtask translated`: marks a page of docs/zh as up to date with the English page that it was written from.
//!
//! The mark is a comment at the page's end: a digest and the heading of each section of the English page.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::cargo::Workspace;
use crate::check::{Finding, Repair};
use crate::files;

const FOLDER: &str = "docs/zh";
const COMMAND: &str = "cargo xtask translated";
/// First words of the mark.
const MARK: &str = "<!-- Sections of ";

/// Mark a page of docs/zh as up to date with its English page
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The page, such as docs/zh/push.md
    #[arg(value_name = "PAGE", required = true)]
    pages: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    for page in &args.pages {
        let text = read(workspace, page)?;
        let text = text.split(MARK).next().unwrap_or_default().trim_end();
        let english = english(page);
        let sections = sections(&read(workspace, &english)?).join("\n");
        let mark = format!("{MARK}{english} as this page has them, by `{COMMAND} {page}`:\n{sections}\n-->");
        fs::write(workspace.root().join(page), format!("{text}\n\n{mark}\n"))
            .with_context(|| format!("cannot write {page}"))?;
        println!("{page} is marked as up to date with {english}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Reports each Chinese page that lags behind its English page. It fails nothing: not everybody writes Chinese.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in files::below(&workspace.root().join(FOLDER))? {
        let page = path.strip_prefix(workspace.root()).unwrap_or(&path).display().to_string();
        let text = read(workspace, &page)?;
        if text.starts_with("<!-- Made by ") {
            continue;
        }
        let english = english(&page);
        let mark = text.split_once(MARK).map_or("", |(_, mark)| mark);
        let marked: BTreeSet<_> = mark.lines().skip(1).take_while(|line| *line != "-->").map(str::to_owned).collect();
        let now = sections(&read(workspace, &english)?).into_iter().collect();
        let changed: BTreeSet<_> = marked.symmetric_difference(&now).map(|section| heading(section)).collect();
        if !changed.is_empty() {
            let changed: Vec<_> = changed.into_iter().collect();
            findings.push(Finding {
                what: format!("{page} lags behind {english} in: {}", changed.join("; ")),
                repair: Repair::Later(format!("rewrite these sections, then {COMMAND} {page}")),
            });
        }
    }
    Ok(findings)
}

fn read(workspace: &Workspace, page: &str) -> Result<String> {
    fs::read_to_string(workspace.root().join(page)).with_context(|| format!("cannot read {page}"))
}

/// The English page of a Chinese one.
fn english(page: &str) -> String {
    match Path::new(page).file_name().and_then(|name| name.to_str()) {
        Some("README.md") | None => "README.md".to_owned(),
        Some(name) => format!("docs/{name}"),
    }
}

/// Digest and heading of each section. How its lines are broken does not count.
fn sections(text: &str) -> Vec<String> {
    let (mut sections, mut is_code) = (Vec::<String>::new(), false);
    for line in text.lines() {
        is_code ^= line.starts_with("```");
        match sections.last_mut() {
            Some(section) if is_code || !line.starts_with('#') => section.extend(["\n", line]),
            _ => sections.push(line.to_owned()),
        }
    }
    let first_line = |section: &str| section.lines().next().unwrap_or_default().to_owned();
    sections.iter().map(|section| format!("{} {}", digest(section), first_line(section))).collect()
}

fn heading(section: &str) -> &str {
    section.split_once(' ').map_or(section, |(_, heading)| heading.trim_start_matches('#').trim())
}

/// FNV-1a of the words, which is the same on every machine.
fn digest(text: &str) -> String {
    let words = text.split_whitespace().flat_map(|word| word.bytes().chain([b' ']));
    format!("{:08x}", words.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)))
}
