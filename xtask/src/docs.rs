//! `cargo xtask docs`: applies the corrections that rustdoc itself suggests; what is left needs a person.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use rustfix::diagnostics::Diagnostic;
use rustfix::{CodeFix, Filter, Suggestion};
use serde::Deserialize;

use crate::cargo::{Build, Workspace};

/// Apply rustdoc's suggestions to the doc comments
#[derive(clap::Args)]
pub(crate) struct Args {}

#[derive(Deserialize)]
struct Message {
    message: Diagnostic,
}

/// A correction can uncover another one, but not for ever.
const ROUNDS: usize = 5;

pub(crate) fn run(workspace: &Workspace, _: &Args) -> Result<ExitCode> {
    for _ in 0..ROUNDS {
        let build = rustdoc(workspace)?;
        let corrections = corrections(&build.messages);
        if corrections.is_empty() {
            return Ok(left(&build));
        }
        for (file, suggestions) in corrections {
            correct(workspace, &file, &suggestions)?;
        }
    }
    Ok(left(&rustdoc(workspace)?))
}

fn rustdoc(workspace: &Workspace) -> Result<Build<Message>> {
    workspace.messages(&["doc", "--quiet", "--workspace", "--no-deps", "--all-features", "--message-format", "json"])
}

/// Suggestions by file. One that rustdoc is not sure of still leaves documentation that builds.
fn corrections(messages: &[Message]) -> BTreeMap<String, Vec<Suggestion>> {
    let mut corrections = BTreeMap::<String, Vec<Suggestion>>::new();
    for message in messages {
        let suggestion = rustfix::collect_suggestions(&message.message, &HashSet::new(), Filter::Everything);
        let Some(suggestion) = suggestion else {
            continue;
        };
        let replacements = suggestion.solutions.iter().flat_map(|solution| &solution.replacements);
        let files: BTreeSet<_> = replacements.map(|replacement| replacement.snippet.file_name.clone()).collect();
        // A text that a macro of another package wrote has its place over there.
        if let [file] = Vec::from_iter(files).as_slice()
            && Path::new(file).is_relative()
        {
            corrections.entry(file.clone()).or_default().push(suggestion);
        }
    }
    corrections
}

fn correct(workspace: &Workspace, file: &str, suggestions: &[Suggestion]) -> Result<()> {
    let path = workspace.root().join(file);
    let source = fs::read_to_string(&path).with_context(|| format!("cannot read {file}"))?;
    let mut fix = CodeFix::new(&source);
    for suggestion in suggestions {
        // Alternatives exclude each other, and overlapping ones wait for the next round.
        if let Some(solution) = suggestion.solutions.first()
            && fix.apply_solution(solution).is_ok()
        {
            println!("{file}: {}", suggestion.message);
        }
    }
    fs::write(&path, fix.finish()?).with_context(|| format!("cannot write {file}"))
}

/// Shows what no suggestion mends.
fn left(build: &Build<Message>) -> ExitCode {
    let rendered = build.messages.iter().filter_map(|message| message.message.rendered.as_deref());
    let text: String = rendered.collect();
    print!("{text}");
    if build.done && text.is_empty() {
        return ExitCode::SUCCESS;
    }
    print!("{}", build.diagnostics);
    println!("left: what rustdoc says above has no correction of its own");
    ExitCode::FAILURE
}
