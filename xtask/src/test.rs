//! `cargo xtask test`: every test, every example, every doc-test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::cargo::{Artifact, Build, Package, WHOLE, Workspace, exit_code, shown, status_of};
use crate::check::Repair;
use crate::services::{self, Service};
use crate::snapshots;
use crate::test_list::{self, Test};

/// How many tests run at once. Most of their time goes by in waiting, so there are twice as many as processors; and many of
/// them start servers, so there is a limit.
const THREADS: &str = "RUST_TEST_THREADS";
const MOST_THREADS: usize = 16;

/// Where proptest begins to choose its cases. A run of all tests says the same of the same code each time; others are tried by
/// `cargo test`, which chooses anew.
const SEED: (&str, &str) = ("PROPTEST_RNG_SEED", "20240102");

/// How long an example may run.
const EXAMPLE_LIMIT: Duration = Duration::from_mins(1);

/// Run every test: unit and integration tests, examples, doc-tests
///
/// An example is run as it is, without arguments, and has to end with success within a minute. One that cannot is named, with the reason, in its
/// package's Cargo.toml: `[package.metadata.xtask.examples-not-run]`, `NAME = "REASON"`. It is built all the same.
#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Leave out the tests that need a server, Redis or PostgreSQL, and name them
    #[arg(long)]
    no_services: bool,
    /// Only this package; repeatable
    #[arg(short, long = "package", value_name = "NAME")]
    packages: Vec<String>,
    /// Handed to `cargo test`, such as a part of the tests' names; then examples are not run
    #[arg(value_name = "ARGS", trailing_var_arg = true, allow_hyphen_values = true)]
    handed_on: Vec<String>,
}

impl Args {
    /// cargo's options for the packages that are asked for.
    fn selection(&self) -> Vec<&str> {
        if self.packages.is_empty() {
            return WHOLE.to_vec();
        }
        let names = self.packages.iter().map(String::as_str);
        let packages = names.flat_map(|name| ["--package", name]);
        packages.chain(["--all-features"]).collect()
    }

    /// What `cargo test` is given, with these arguments more for the test programs.
    fn with<'a>(&'a self, for_tests: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = self.selection();
        arguments.extend(self.handed_on.iter().map(String::as_str));
        if !for_tests.is_empty() && !arguments.contains(&"--") {
            arguments.push("--");
        }
        arguments.extend(for_tests);
        arguments
    }

    fn is_whole(&self) -> bool {
        self.packages.is_empty() && self.handed_on.is_empty()
    }
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let left_out = services(workspace, args)?;
    let references = references(workspace)?;
    let mut results = Results::default();
    results.note(suite(workspace, "--all-targets", &args.with(&left_out), &references)?);
    if args.handed_on.is_empty() {
        results.failures.extend(examples(workspace, args)?);
        results.count += 1;
    }
    results.note(suite(workspace, "--doc", &args.with(&[]), &references)?);
    // A test that is left out asks for no snapshot.
    if args.is_whole() && left_out.is_empty() && results.failures.is_empty() {
        results.failures.extend(unreferenced_snapshots(workspace, &references)?);
        results.count += 1;
    }
    Ok(results.close())
}

/// Sees to the servers that the tests need; without them, names the tests that do and says what tells the test programs to leave them out.
fn services(workspace: &Workspace, args: &Args) -> Result<Vec<&'static str>> {
    let needed = services::needed(&workspace.metadata()?, &args.packages)?;
    if !args.no_services {
        services::provide(&needed)?;
        return Ok(Vec::new());
    }
    let left_out = if needed.is_empty() { Vec::new() } else { left_out(workspace, args, &needed)? };
    report(&left_out);
    Ok(if left_out.is_empty() { Vec::new() } else { services::skip(&needed) })
}

/// The tests that would be run and need a server.
fn left_out(workspace: &Workspace, args: &Args, needed: &[&Service]) -> Result<Vec<Test>> {
    let mut tests = services::tests_that_need_one(needed, test_list::tests(workspace, &args.with(&[]))?);
    // libtest takes it once, and it may have been handed on.
    let list: &[&str] = if args.handed_on.iter().any(|arg| arg == "--list") { &[] } else { &["--list"] };
    let to_run = test_list::paths_to_run(workspace, &args.with(list))?;
    tests.retain(|test| to_run.contains(&test.path));
    Ok(tests)
}

fn report(left_out: &[Test]) {
    if left_out.is_empty() {
        println!("--no-services leaves out: nothing, no test here needs a service");
        return;
    }
    println!("--no-services leaves out {} tests:", left_out.len());
    for test in left_out {
        println!("  {test}");
    }
}

/// What has been run, and what of it failed.
#[derive(Default)]
struct Results {
    count: usize,
    failures: Vec<Failure>,
}

struct Failure {
    command: String,
    code: ExitCode,
}

impl Results {
    fn note(&mut self, failure: Option<Failure>) {
        self.count += 1;
        self.failures.extend(failure);
    }

    /// Prints the closing line; the exit code is the first failure's own.
    fn close(self) -> ExitCode {
        for failure in &self.failures {
            println!("failed: {}", failure.command);
        }
        println!("{} suites, {} failures", self.count, self.failures.len());
        self.failures.into_iter().next().map_or(ExitCode::SUCCESS, |failure| failure.code)
    }
}

/// Where insta writes down which snapshots were asked for: a file of its own a run, as two runs at once would mix theirs.
fn references(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.metadata()?.target_directory;
    fs::create_dir_all(&target).context("cannot make the build's folder")?;
    Ok(target.join(format!("snapshots-asked-for-{}", std::process::id())))
}

fn suite(workspace: &Workspace, which: &str, arguments: &[&str], references: &Path) -> Result<Option<Failure>> {
    let mut command = workspace.cargo(["test", "--no-fail-fast", which]);
    command.args(arguments);
    command.env(snapshots::REFERENCES, references);
    if std::env::var_os(THREADS).is_none() {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        command.env(THREADS, MOST_THREADS.min(processors * 2).to_string());
    }
    if std::env::var_os(SEED.0).is_none() {
        command.env(SEED.0, SEED.1);
    }
    println!("$ {}", shown(&command));
    let status = status_of(&mut command)?;
    Ok((!status.success()).then(|| Failure { command: shown(&command), code: exit_code(status) }))
}

fn unreferenced_snapshots(workspace: &Workspace, references: &Path) -> Result<Vec<Failure>> {
    let findings = snapshots::unreferenced(workspace, references)?;
    // Nothing is written where no test has a snapshot.
    let _ = fs::remove_file(references);
    let failures = findings.into_iter().map(|finding| {
        if let Repair::Run(command) = finding.repair {
            println!("  repair: {command}");
        }
        Failure { command: finding.what, code: ExitCode::FAILURE }
    });
    Ok(failures.collect())
}

/// Builds all examples and runs those that can be run.
fn examples(workspace: &Workspace, args: &Args) -> Result<Vec<Failure>> {
    let mut cargo = vec!["build", "--quiet", "--examples", "--message-format", "json-render-diagnostics"];
    cargo.extend(args.selection());
    let build: Build<Artifact> = workspace.messages(&cargo)?;
    if !build.done {
        print!("{}", build.diagnostics);
        return Ok(vec![Failure { command: shown(&workspace.cargo(cargo)), code: ExitCode::FAILURE }]);
    }
    let metadata = workspace.metadata()?;
    let mut failures = Vec::new();
    for artifact in build.messages.iter().filter(|artifact| artifact.target.is("example")) {
        let package = metadata.packages.iter().find(|package| package.id == artifact.package_id);
        if let (Some(package), Some(program)) = (package, &artifact.executable) {
            failures.extend(example(workspace, package, &artifact.target.name, program)?);
        }
    }
    Ok(failures)
}

fn example(workspace: &Workspace, package: &Package, name: &str, program: &Path) -> Result<Option<Failure>> {
    let command = format!("cargo run --package {} --all-features --example {name}", package.name);
    if let Some(reason) = not_run(package).get(name) {
        println!("$ {command}\nnot run: {reason}");
        return Ok(None);
    }
    println!("$ {command}");
    let child = Command::new(program)
        .current_dir(workspace.root())
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let code = wait(child)?;
    Ok((code != ExitCode::SUCCESS).then_some(Failure { command, code }))
}

fn not_run(package: &Package) -> BTreeMap<String, String> {
    let metadata = package.metadata.as_ref().and_then(|metadata| metadata.xtask.as_ref());
    metadata.map(|xtask| xtask.examples_not_run.clone()).unwrap_or_default()
}

/// Waits for an example's end, or ends it.
fn wait(mut child: Child) -> Result<ExitCode> {
    let start = Instant::now();
    while start.elapsed() < EXAMPLE_LIMIT {
        if let Some(status) = child.try_wait()? {
            return Ok(exit_code(status));
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().context("cannot end an example")?;
    child.wait()?;
    println!("ended: it ran longer than {} s", EXAMPLE_LIMIT.as_secs());
    Ok(ExitCode::FAILURE)
}
