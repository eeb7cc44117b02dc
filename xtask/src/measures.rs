//! `cargo xtask measures`: prints what the house measures of its own code and words.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::cargo::Workspace;
use crate::files;

/// First words of item docs that ask, instead of saying what the item is or does.
const QUESTIONS: [&str; 7] = ["What", "How", "Whether", "Where", "Who", "Whose", "Why"];
/// Characters of a line of prose that are too many.
const TOO_LONG: usize = 120;

#[derive(Default)]
struct Sources {
    /// Lines outside of tests that are neither blank nor a comment.
    code: usize,
    item_docs: usize,
    questions: usize,
    long_comments: usize,
}

pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let product = sources(&workspace.root().join("crates"))?;
    let tooling = sources(&workspace.root().join("xtask"))?;
    println!("code lines: {} of product, {} of tooling", product.code, tooling.code);
    println!("tooling per 100 lines of product: {:.1} (target: 25)", percent(tooling.code, product.code));
    let (docs, questions) = (product.item_docs + tooling.item_docs, product.questions + tooling.questions);
    println!("item docs that open with a question word: {:.1} % of {docs} (at most 5 %)", percent(questions, docs));
    let long = product.long_comments + tooling.long_comments;
    println!("comments of {TOO_LONG} characters or more: {long} (target: 0; the pages: cargo xtask check markdown)");
    Ok(ExitCode::SUCCESS)
}

fn sources(folder: &Path) -> Result<Sources> {
    let mut counted = Sources::default();
    for path in files::rust_below(folder)? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        counted.long_comments += text.lines().filter(|line| is_long_comment(line)).count();
        if !path.iter().any(|part| ["tests", "examples", "benches", "tests.rs"].iter().any(|tests| part == *tests)) {
            counted.add(text.split("\n#[cfg(test)]").next().unwrap_or_default());
        }
    }
    Ok(counted)
}

impl Sources {
    fn add(&mut self, text: &str) {
        let mut is_doc = false;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let doc = line.strip_prefix("///").map(str::trim);
            if let (false, Some(opening)) = (is_doc, doc) {
                self.item_docs += 1;
                self.questions += usize::from(QUESTIONS.contains(&opening.split(' ').next().unwrap_or_default()));
            }
            is_doc = doc.is_some();
            self.code += usize::from(!line.starts_with("//"));
        }
    }
}

fn is_long_comment(line: &str) -> bool {
    line.trim_start().starts_with("//") && line.chars().count() >= TOO_LONG
}

fn percent(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    let (part, whole) = (part as f64, whole as f64);
    100.0 * part / whole.max(1.0)
}
