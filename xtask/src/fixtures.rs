//! `cargo xtask fixtures`: writes crates/*/fixtures from the marked blocks of docs/protocol.
//!
//! A crate's fixtures folder is generated as a whole: files without a block are deleted.

mod blocks;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::cargo::Workspace;
use crate::check::{Finding, Repair};
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
    let root = workspace.root();
    let differences = differences(root)?;
    if !args.check {
        for difference in &differences {
            difference.mend(root)?;
        }
        println!("fixtures: {} written or deleted", differences.len());
        return Ok(ExitCode::SUCCESS);
    }
    for difference in &differences {
        println!("{}", difference.explain());
    }
    if differences.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("repair: {COMMAND}");
    Ok(ExitCode::FAILURE)
}

/// Finds the fixtures that differ from their blocks.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let findings = differences(workspace.root())?
        .into_iter()
        .map(|difference| Finding { what: difference.explain(), repair: Repair::run(COMMAND) });
    Ok(findings.collect())
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
    for page in pages(root)? {
        let name = format!("{PAGES}/{}", page.file_name().unwrap_or_default().to_string_lossy());
        let source = fs::read_to_string(&page).with_context(|| format!("cannot read {name}"))?;
        for block in blocks::marked(&source) {
            let block = match block {
                Ok(block) => block,
                Err(problem) => {
                    problems.push(format!("{name}:{problem}"));
                    continue;
                }
            };
            problems.extend(add(root, &mut plan, &name, &block));
        }
    }
    if !problems.is_empty() {
        bail!("{}", problems.join("\n"));
    }
    add_notes(&mut plan);
    Ok(plan)
}

fn pages(root: &Path) -> Result<Vec<PathBuf>> {
    let folder = root.join(PAGES);
    let mut pages = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {PAGES}"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    Ok(pages)
}

/// Adds a block's files to the plan; returns the problems of the block.
fn add(root: &Path, plan: &mut Plan, page: &str, block: &Block) -> Vec<String> {
    let mut problems = Vec::new();
    for target in &block.targets {
        let origin = format!("{page}:{}", block.line);
        let place = match place(root, target) {
            Ok(place) => place,
            Err(problem) => {
                problems.push(format!("{origin}: {problem}"));
                continue;
            }
        };
        if let Err(problem) = blocks::check_content(target, &block.text) {
            problems.push(format!("{origin}: {problem}"));
        }
        if let Some(other) = plan.get(&place) {
            problems.push(format!("{origin}: fixture {target} is already made from {}", other.origin));
            continue;
        }
        let text = block.text.clone();
        plan.insert(place, Fixture { text, origin });
    }
    problems
}

/// Returns the path of a target: `proto/a/b.json` is crates/proto/fixtures/a/b.json.
fn place(root: &Path, target: &str) -> Result<PathBuf, String> {
    let parts: Vec<&str> = target.split('/').collect();
    let plain = |part: &&str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    if !parts.iter().all(plain) {
        return Err(format!(
            "fixture {target}: a target is CRATE/PATH, without `..`, `\\`, hidden files or a leading `/`"
        ));
    }
    let [folder, path @ ..] = parts.as_slice() else {
        return Err(format!("fixture {target}: a target is CRATE/PATH"));
    };
    if path.is_empty() || *path == [NOTE] {
        return Err(format!("fixture {target}: a target is CRATE/PATH, and {NOTE} is the folder's own"));
    }
    if !root.join("crates").join(folder).join("Cargo.toml").is_file() {
        return Err(format!("fixture {target}: there is no crate crates/{folder}"));
    }
    let mut place = fixtures_of(folder);
    place.extend(path);
    Ok(place)
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
    is_missing: bool,
    due: Option<Fixture>,
}

impl Difference {
    fn explain(&self) -> String {
        let place = self.place.display();
        match &self.due {
            None => format!("{place} comes from no block"),
            Some(due) if self.is_missing => format!("{place} is missing; {} makes it", due.origin),
            Some(due) => format!("{place} differs from {}", due.origin),
        }
    }

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
        fs::write(&path, &due.text).with_context(|| format!("cannot write {}", path.display()))
    }
}

fn differences(root: &Path) -> Result<Vec<Difference>> {
    let plan = plan(root)?;
    let mut found = generated(root, &plan)?;
    let mut differences = Vec::new();
    for (place, due) in plan {
        let found = found.remove(&place);
        if found.as_deref() != Some(due.text.as_bytes()) {
            differences.push(Difference { place, is_missing: found.is_none(), due: Some(due) });
        }
    }
    differences.extend(found.into_keys().map(|place| Difference { place, is_missing: false, due: None }));
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
