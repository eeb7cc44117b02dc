//! `cargo xtask test`: every test, every example, every doc-test.

mod output;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use anyhow::{Context, Result};

use self::output::{Failed, Output};
use crate::cargo::{Artifact, Build, Package, WHOLE, Workspace, exit_code, shown, status_of, status_of_read};
use crate::check::Repair;
use crate::counted::counted;
use crate::{services, snapshots};

/// Variable for the number of tests that run at once: twice the number of processors, as tests mostly wait, but at
/// most [`MOST_THREADS`], as many of them start servers.
const THREADS: &str = "RUST_TEST_THREADS";
const MOST_THREADS: usize = 16;

/// Seed from which proptest chooses its cases: a run of all tests is reproducible, `cargo test` chooses anew each
/// time.
const SEED: (&str, &str) = ("PROPTEST_RNG_SEED", "20240102");

/// Run every test: unit and integration tests, examples, doc-tests
///
/// An example is run as it is, without arguments, and has to end with success. One that cannot is named, with the
/// reason, in its package's Cargo.toml: `[package.metadata.xtask.examples-not-run]`, `NAME = "REASON"`. It is built
/// all the same.
#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Leave out the tests that need a server, Redis or PostgreSQL, and name their modules
    #[arg(long)]
    no_services: bool,
    /// Run each failed test once more by itself: one that passes then is named as flaky, and fails nothing
    #[arg(long)]
    retry: bool,
    /// Only this package; repeatable
    #[arg(short, long = "package", value_name = "NAME")]
    packages: Vec<String>,
    /// Handed to `cargo test`, such as a part of the tests' names; then examples are not run
    #[arg(value_name = "ARGS", trailing_var_arg = true, allow_hyphen_values = true)]
    handed_on: Vec<String>,
}

impl Args {
    /// Returns cargo's options for the selected packages.
    fn selection(&self) -> Vec<&str> {
        if self.packages.is_empty() {
            return WHOLE.to_vec();
        }
        let names = self.packages.iter().map(String::as_str);
        let packages = names.flat_map(|name| ["--package", name]);
        packages.chain(["--all-features"]).collect()
    }

    /// Returns the arguments of `cargo test`, with these for the test programs added.
    fn with<'a>(&'a self, for_tests: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = self.selection();
        arguments.extend(self.handed_on.iter().map(String::as_str));
        if !for_tests.is_empty() && !arguments.contains(&"--") {
            arguments.push("--");
        }
        arguments.extend(for_tests);
        arguments
    }

    /// Returns the command that runs a test again, or all tests of a package.
    fn again(&self, workspace: &Workspace, package: &str, path: Option<&str>) -> Command {
        let mut command = workspace.cargo(["xtask", "test"]);
        command.args(self.no_services.then_some("--no-services")).args(["--package", package]);
        match path.map(|path| path.split_once(" - ").ok_or(path)) {
            // A doc-test is named by its file and line, and rustdoc would take each word of that for a name.
            Some(Ok((file, _))) => command.arg(file),
            Some(Err(path)) => command.args([path, "--", "--exact"]),
            None => &mut command,
        };
        command
    }

    fn is_whole(&self) -> bool {
        self.packages.is_empty() && self.handed_on.is_empty()
    }
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let left_out = services::provide(&workspace.metadata()?, &args.packages, args.no_services)?;
    let left_out: Vec<_> = left_out.into_iter().flat_map(|module| ["--skip", module]).collect();
    let references = references(workspace)?;
    let mut results = Results::default();
    results.note(suite(workspace, args, "--all-targets", &left_out, &references)?, args)?;
    if args.handed_on.is_empty() {
        results.note(examples(workspace, args)?, args)?;
    }
    if has_library(workspace, args)? {
        results.note(suite(workspace, args, "--doc", &[], &references)?, args)?;
    }
    // A test that is left out uses no snapshot.
    if args.is_whole() && left_out.is_empty() && results.failures.is_empty() && results.flaky.is_empty() {
        results.note(unreferenced_snapshots(workspace, &references)?, args)?;
    }
    Ok(results.close())
}

/// Returns true where one of the packages has a library: cargo refuses to look for doc-tests where none has.
fn has_library(workspace: &Workspace, args: &Args) -> Result<bool> {
    let packages = workspace.metadata()?.packages;
    let is_asked_for = |name: &String| args.packages.is_empty() || args.packages.contains(name);
    Ok(packages.iter().any(|package| is_asked_for(&package.name) && package.targets.iter().any(|it| it.is("lib"))))
}

/// Number of suites run, and their failures.
#[derive(Default)]
struct Results {
    count: usize,
    failures: Vec<Failure>,
    /// Failures that passed when run again.
    flaky: Vec<Failure>,
}

struct Failure {
    /// A test's name, or a command.
    what: String,
    why: Option<String>,
    again: Option<Command>,
    code: ExitCode,
}

impl Failure {
    /// A failure of the command `what`.
    fn of(what: String, code: ExitCode) -> Self {
        Self { what, why: None, again: None, code }
    }
}

impl Results {
    /// Adds the failures of one more suite, and runs each again with `--retry`.
    fn note(&mut self, failures: Vec<Failure>, args: &Args) -> Result<()> {
        self.count += 1;
        for mut failure in failures {
            let passes = match &mut failure.again {
                Some(command) if args.retry => {
                    println!("$ {}", shown(command));
                    command.status()?.success()
                }
                _ => false,
            };
            if passes { &mut self.flaky } else { &mut self.failures }.push(failure);
        }
        Ok(())
    }

    /// Prints each failure and the closing line; the exit code is the first failure's own.
    fn close(self) -> ExitCode {
        let flaky = self.flaky.iter().map(|failure| ("flaky", failure));
        for (how, failure) in flaky.chain(self.failures.iter().map(|failure| ("failed", failure))) {
            println!("{how}: {}", failure.what);
            if let Some(why) = &failure.why {
                println!("  {why}");
            }
            if let Some(command) = &failure.again {
                println!("  again: {}", shown(command));
            }
        }
        let flaky = if self.flaky.is_empty() { String::new() } else { format!(", {} flaky", self.flaky.len()) };
        println!("{}, {}{flaky}", counted(self.count, "suite"), counted(self.failures.len(), "failure"));
        self.failures.into_iter().next().map_or(ExitCode::SUCCESS, |failure| failure.code)
    }
}

/// Returns the file into which insta writes the used snapshots: one per run, as two runs at once would mix theirs.
fn references(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.metadata()?.target_directory;
    fs::create_dir_all(&target).context("cannot make the build's folder")?;
    Ok(target.join(format!("snapshots-asked-for-{}", std::process::id())))
}

/// Runs all tests of one kind, except those that the arguments `left_out` exclude.
fn suite(
    workspace: &Workspace,
    args: &Args,
    which: &str,
    left_out: &[&str],
    references: &Path,
) -> Result<Vec<Failure>> {
    let mut command = workspace.cargo(["test", "--no-fail-fast", which]);
    command.args(args.with(left_out));
    command.env(snapshots::REFERENCES, references);
    if std::env::var_os(THREADS).is_none() {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        command.env(THREADS, MOST_THREADS.min(processors * 2).to_string());
    }
    if std::env::var_os(SEED.0).is_none() {
        command.env(SEED.0, SEED.1);
    }
    let line = shown(&command);
    println!("$ {line}");
    let mut output = Output::default();
    let status = status_of_read(command, |line| output.read(line))?;
    if status.success() {
        return Ok(Vec::new());
    }
    let code = exit_code(status);
    if output.failed.is_empty() {
        return Ok(vec![Failure { why: output.error, ..Failure::of(line, code) }]);
    }
    let failure = |Failed { package, target, path, why }: Failed| Failure {
        what: format!("{package} {target} {}", path.as_deref().unwrap_or_default()).trim_end().to_owned(),
        why: Some(why),
        again: Some(args.again(workspace, &package, path.as_deref())),
        code,
    };
    Ok(output.failed.into_iter().map(failure).collect())
}

fn unreferenced_snapshots(workspace: &Workspace, references: &Path) -> Result<Vec<Failure>> {
    let findings = snapshots::unreferenced(workspace, references)?;
    // The file does not exist where no test has a snapshot.
    let _ = fs::remove_file(references);
    let failures = findings.into_iter().map(|finding| {
        if let Repair::Run(command) = finding.repair {
            println!("  repair: {command}");
        }
        Failure::of(finding.what, ExitCode::FAILURE)
    });
    Ok(failures.collect())
}

/// Builds all examples and runs those that can be run.
fn examples(workspace: &Workspace, args: &Args) -> Result<Vec<Failure>> {
    let mut cargo = vec!["build", "--quiet", "--examples", "--message-format", "json-render-diagnostics"];
    cargo.extend(args.selection());
    let command = shown(&workspace.cargo(&cargo));
    println!("$ {command}");
    let build: Build<Artifact> = workspace.messages(&cargo)?;
    if !build.done {
        print!("{}", build.diagnostics);
        return Ok(vec![Failure::of(command, ExitCode::FAILURE)]);
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
    let metadata = package.metadata.as_ref().and_then(|metadata| metadata.xtask.as_ref());
    if let Some(reason) = metadata.and_then(|xtask| xtask.examples_not_run.get(name)) {
        println!("$ {command}\nnot run: {reason}");
        return Ok(None);
    }
    println!("$ {command}");
    let status = status_of(Command::new(program).current_dir(workspace.root()).stdin(Stdio::null()))?;
    Ok((!status.success()).then(|| Failure::of(command, exit_code(status))))
}
