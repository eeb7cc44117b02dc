//! `cargo xtask translated`: marks a page of docs/zh as up to date with the English page that it was written from.
//!
//! The mark is a comment at the page's end: a digest and the heading of each section of the English page.

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
        let marked: Vec<_> = text.split_once(MARK).map_or("", |(_, mark)| mark).lines().map(str::to_owned).collect();
        let now = sections(&read(workspace, &english)?);
        let changed: Vec<_> =
            now.iter().filter(|section| !marked.contains(section)).map(|section| heading(section)).collect();
        let is_there = |gone: &str| now.iter().any(|section| heading(section) == gone);
        let gone =
            marked.iter().filter(|line| line.contains(" #")).map(|line| heading(line)).filter(|gone| !is_there(gone));
        let gone: Vec<_> = gone.collect();
        if !changed.is_empty() || !gone.is_empty() {
            let what = [("new or changed", changed), ("gone", gone)].into_iter().filter(|(_, all)| !all.is_empty());
            let what: Vec<_> = what.map(|(word, all)| format!("{word}: {}", all.join("; "))).collect();
            findings.push(Finding {
                what: format!("{page} lags behind {english}: {}", what.join(". ")),
                repair: Repair::Later(format!("write these sections anew, then {COMMAND} {page}")),
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
    let (mut sections, mut is_code): (Vec<Vec<&str>>, _) = (Vec::new(), false);
    for line in text.lines() {
        is_code ^= line.trim_start().starts_with("```");
        if line.starts_with('#') && !is_code || sections.is_empty() {
            sections.push(Vec::new());
        }
        if let Some(section) = sections.last_mut() {
            section.extend([line]);
        }
    }
    sections.iter().map(|lines| format!("{} {}", digest(&lines.join(" ")), lines[0])).collect()
}

fn heading(section: &str) -> &str {
    section.split_once('#').map_or(section, |(_, heading)| heading.trim_start_matches('#').trim())
}

/// FNV-1a of the words, which is the same on every machine.
fn digest(text: &str) -> String {
    let words = text.split_whitespace().flat_map(|word| word.bytes().chain([b' ']));
    format!("{:08x}", words.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)))
}
