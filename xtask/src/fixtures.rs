//! `cargo xtask fixtures`: writes crates/*/fixtures from the marked blocks of docs/protocol.
//!
//! A crate's fixtures folder is generated as a whole: files without a block are deleted.

mod blocks;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::cargo::Workspace;
use crate::check::{self, Finding, Repair};
use crate::files;
use blocks::Block;

const COMMAND: &str = "cargo xtask fixtures";
const PAGES: &str = "docs/protocol";
/// File that marks a generated folder.
const NOTE: &str = "README.md";
const NOTE_TEXT: &str = "Made by `cargo xtask fixtures` from the marked blocks of docs/protocol. Edit the blocks, not these files: the folder is generated as a whole.\n";

/// Write the fixtures from the marked blocks of docs/protocol
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; fail when a fixture differs from its block
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    if args.check {
        return check::run(workspace, &check::STEPS, &["fixtures".to_owned()]);
    }
    let differences = differences(workspace.root())?;
    for difference in &differences {
        difference.mend(workspace.root())?;
    }
    println!("fixtures: {} written or deleted", differences.len());
    Ok(ExitCode::SUCCESS)
}

/// Finds the fixtures that differ from their blocks.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let differences = differences(workspace.root())?.into_iter();
    Ok(differences.map(|Difference { what, .. }| Finding { what, repair: Repair::run(COMMAND) }).collect())
}

/// The expected content of a file.
struct Fixture {
    text: String,
    /// Its origin, for messages.
    origin: String,
}

type Plan = BTreeMap<PathBuf, Fixture>;

/// Returns all expected files below crates/*/fixtures, by path from the root.
fn plan(root: &Path) -> Result<Plan> {
    let mut plan = Plan::new();
    let mut problems = Vec::new();
    for page in files::below(&root.join(PAGES))? {
        let name = page.strip_prefix(root).unwrap_or(&page).display();
        let source = fs::read_to_string(&page).with_context(|| format!("cannot read {name}"))?;
        for block in blocks::marked(&source) {
            match block {
                Ok(block) => problems.extend(add(root, &mut plan, &format!("{name}:{}", block.line), &block)),
                Err(problem) => problems.push(format!("{name}:{problem}")),
            }
        }
    }
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    add_notes(&mut plan);
    Ok(plan)
}

/// Adds a block's files to the plan; returns the problems of the block.
fn add(root: &Path, plan: &mut Plan, origin: &str, block: &Block) -> Vec<String> {
    let mut problems = Vec::new();
    for target in &block.targets {
        let added = place(root, target).and_then(|place| {
            blocks::check_content(target, &block.text)?;
            match plan.insert(place, Fixture { text: block.text.clone(), origin: origin.to_owned() }) {
                Some(other) => Err(format!("fixture {target} is already made from {}", other.origin)),
                None => Ok(()),
            }
        });
        problems.extend(added.err().map(|problem| format!("{origin}: {problem}")));
    }
    problems
}

/// Returns the path of a target: `proto/a/b.json` is crates/proto/fixtures/a/b.json.
fn place(root: &Path, target: &str) -> Result<PathBuf, String> {
    let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    let parts = target.split_once('/').filter(|(_, path)| *path != NOTE && target.split('/').all(is_plain));
    let Some((folder, path)) = parts else {
        return Err(format!(
            "fixture {target}: a target is CRATE/PATH, without `..`, `\\` or hidden files, not {NOTE}"
        ));
    };
    if !root.join("crates").join(folder).join("Cargo.toml").is_file() {
        return Err(format!("fixture {target}: there is no crate crates/{folder}"));
    }
    Ok(fixtures_of(folder).join(path))
}

fn fixtures_of(folder: &str) -> PathBuf {
    ["crates", folder, "fixtures"].iter().collect()
}

/// Adds to each folder with fixtures the note that names the command that made them.
fn add_notes(plan: &mut Plan) {
    let folders: Vec<PathBuf> = plan.keys().map(|place| place.iter().take(3).collect()).collect();
    for folder in folders {
        plan.entry(folder.join(NOTE))
            .or_insert_with(|| Fixture { text: NOTE_TEXT.to_owned(), origin: COMMAND.to_owned() });
    }
}

/// A file that differs from the plan.
struct Difference {
    place: PathBuf,
    /// Its due text; `None`: it is to be deleted.
    due: Option<String>,
    what: String,
}

impl Difference {
    fn mend(&self, root: &Path) -> Result<()> {
        let path = root.join(&self.place);
        let Some(due) = &self.due else {
            println!("deleted {}", self.place.display());
            return fs::remove_file(&path).with_context(|| format!("cannot delete {}", path.display()));
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        println!("wrote {}", self.place.display());
        fs::write(&path, due).with_context(|| format!("cannot write {}", path.display()))
    }
}

fn differences(root: &Path) -> Result<Vec<Difference>> {
    let plan = plan(root)?;
    let mut found = generated(root, &plan)?;
    let mut differences = Vec::new();
    for (place, Fixture { text, origin }) in plan {
        let what = match found.remove(&place) {
            Some(found) if found == text.as_bytes() => continue,
            Some(_) => format!("{} differs from {origin}", place.display()),
            None => format!("{} is missing; {origin} makes it", place.display()),
        };
        differences.push(Difference { place, due: Some(text), what });
    }
    let strange =
        |place: PathBuf| Difference { what: format!("{} comes from no block", place.display()), place, due: None };
    differences.extend(found.into_keys().map(strange));
    Ok(differences)
}

/// Reads the current files of the generated folders: those with the note, and those in the plan.
fn generated(root: &Path, plan: &Plan) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root.join("crates")).context("cannot read crates")? {
        let folder = fixtures_of(&entry?.file_name().to_string_lossy());
        let note = folder.join(NOTE);
        if plan.contains_key(&note) || root.join(&note).exists() {
            for path in files::below(&root.join(folder))? {
                let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                found.insert(path.strip_prefix(root)?.to_owned(), content);
            }
        }
    }
    Ok(found)
}
