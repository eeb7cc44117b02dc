//! The workspace as cargo sees it: its packages, its dependency trees, its programs.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Output};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Interval of checks if a program that prints nothing has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// cargo's options for the whole workspace.
pub(crate) const WHOLE: [&str; 2] = ["--workspace", "--all-features"];

/// A workspace, with its root folder.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the workspace of the current folder.
    pub(crate) fn find() -> Result<Self> {
        let mut command = cargo();
        command.args(["locate-project", "--workspace", "--message-format", "plain"]);
        let manifest = PathBuf::from(stdout_of(&mut command)?.trim_end());
        let root = manifest.parent().context("the workspace's Cargo.toml has no folder")?;
        Ok(Self { root: root.to_owned() })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns a cargo command that runs in the root folder.
    pub(crate) fn cargo<I: IntoIterator<Item: AsRef<std::ffi::OsStr>>>(&self, args: I) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root).args(args);
        command
    }

    /// Returns the workspace's own packages.
    pub(crate) fn metadata(&self) -> Result<Metadata> {
        let text = stdout_of(&mut self.cargo(["metadata", "--no-deps", "--format-version", "1"]))?;
        serde_json::from_str(&text).context("the output of `cargo metadata` cannot be parsed")
    }

    /// Returns the minimal Rust version, from the workspace's manifest.
    pub(crate) fn minimal_rust(&self) -> Result<String> {
        let text = fs::read_to_string(self.root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
        let manifest: toml::Table = text.parse().context("Cargo.toml is not valid TOML")?;
        let package = manifest.get("workspace").and_then(|workspace| workspace.get("package"));
        let version = package.and_then(|package| package.get("rust-version")).and_then(toml::Value::as_str);
        version.map(str::to_owned).context("Cargo.toml has no rust-version in [workspace.package]")
    }

    /// Returns the names of the packages that users of a package build.
    pub(crate) fn tree(&self, package: &str, features: &[&str]) -> Result<BTreeSet<String>> {
        let mut command = self.cargo(["tree", "--edges", "normal", "--prefix", "none", "--package", package]);
        let tree = stdout_of(command.args(features))?;
        Ok(tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
    }

    /// Runs `cargo … --message-format json`; returns the messages that have the form of `T`.
    pub(crate) fn messages<T: DeserializeOwned>(&self, args: &[&str]) -> Result<Build<T>> {
        let output = output_of(&mut self.cargo(args))?;
        let messages = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        Ok(Build {
            done: output.status.success(),
            messages,
            diagnostics: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Builds one of the workspace's programs, with the features of the tests, so that dependencies are built once.
    pub(crate) fn program(&self, name: &str) -> Result<PathBuf> {
        let arguments = ["build", "--quiet", "--bin", name, "--message-format", "json-render-diagnostics"];
        let build: Build<Artifact> = self.messages(&[&arguments[..], &WHOLE].concat())?;
        if !build.done {
            bail!("{name} does not build:\n{}", build.diagnostics);
        }
        build
            .messages
            .into_iter()
            .filter(|artifact| artifact.target.name == name)
            .find_map(|artifact| artifact.executable)
            .with_context(|| format!("cargo built no program {name}"))
    }
}

/// Result and messages of a build.
pub(crate) struct Build<T> {
    pub(crate) done: bool,
    pub(crate) messages: Vec<T>,
    pub(crate) diagnostics: String,
}

#[derive(Deserialize)]
pub(crate) struct Artifact {
    pub(crate) package_id: String,
    pub(crate) target: Target,
    pub(crate) profile: Profile,
    pub(crate) executable: Option<PathBuf>,
}

#[derive(Deserialize)]
pub(crate) struct Profile {
    pub(crate) test: bool,
}

#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) target_directory: PathBuf,
}

impl Metadata {
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }
}

#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) readme: Option<PathBuf>,
    pub(crate) rust_version: Option<String>,
    /// Registries that it may be published to; absent: any.
    publish: Option<Vec<String>>,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) features: BTreeMap<String, Vec<String>>,
    pub(crate) targets: Vec<Target>,
    pub(crate) metadata: Option<PackageMetadata>,
}

impl Package {
    /// Returns true for a package for users. The packages of xtask are for this workspace alone.
    pub(crate) fn is_published(&self) -> bool {
        !self.name.starts_with("xtask") && self.publish.as_ref().is_none_or(|registries| !registries.is_empty())
    }

    /// Returns its version and those of its dependencies, by name.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = self.dependencies.iter().filter(|on| on.req != "*");
        let dependencies = named.map(|on| (on.name.as_str(), on.req.trim_start_matches('^')));
        dependencies.chain([(self.name.as_str(), self.version.as_str())])
    }
}

#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Accepted versions; `*` where the manifest names none.
    pub(crate) req: String,
    pub(crate) rename: Option<String>,
    /// Absent for normal dependencies.
    pub(crate) kind: Option<String>,
    pub(crate) target: Option<String>,
}

impl Dependency {
    /// Name of the dependency in the manifest.
    pub(crate) fn key(&self) -> &str {
        self.rename.as_deref().unwrap_or(&self.name)
    }

    pub(crate) fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

#[derive(Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
}

impl Target {
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.kind.iter().any(|k| k == kind)
    }
}

#[derive(Deserialize)]
pub(crate) struct PackageMetadata {
    pub(crate) xtask: Option<XtaskMetadata>,
    #[serde(default)]
    pub(crate) docs: BTreeMap<String, DocsMetadata>,
}

/// `[package.metadata.docs.rs]` of a package.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct DocsMetadata {
    #[serde(default)]
    pub(crate) all_features: bool,
}

/// `[package.metadata.xtask]` of a package.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct XtaskMetadata {
    /// Examples that `cargo xtask test` builds and does not run, each with the reason.
    #[serde(default)]
    pub(crate) examples_not_run: BTreeMap<String, String>,
}

/// Returns the cargo that started this program, else the one in the search path.
fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command to its end and returns its output, even if it failed.
pub(crate) fn output_of(command: &mut Command) -> Result<Output> {
    command.output().with_context(|| format!("cannot start {}", shown(command)))
}

/// Returns the standard output of a command; an error if the command fails.
pub(crate) fn stdout_of(command: &mut Command) -> Result<String> {
    let output = output_of(command)?;
    if !output.status.success() {
        bail!("{} failed:\n{}", shown(command), String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} wrote no UTF-8", shown(command)))
}

/// Runs a command with visible output, and passes each line of it to `reader`. Standard output and standard error are
/// one stream, so that the lines are in order.
pub(crate) fn status_of_read(mut command: Command, mut reader: impl FnMut(&str)) -> Result<ExitStatus> {
    let (output, to_output) = io::pipe().context("cannot make a pipe")?;
    command.stdout(to_output.try_clone().context("cannot make a pipe")?).stderr(to_output);
    let mut child = command.spawn().with_context(|| format!("cannot start {}", shown(&command)))?;
    // It holds ends of the pipe, which is read until all ends are closed.
    drop(command);
    let (say, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            if say.send(std::mem::take(&mut line)).is_err() {
                return;
            }
        }
    });
    loop {
        match lines.recv_timeout(BETWEEN_LOOKS) {
            Ok(line) => {
                io::stdout().write_all(&line).context("cannot write to the standard output")?;
                reader(String::from_utf8_lossy(&line).trim_end());
            }
            // A process that a test started may outlive the tests, and keep the pipe open.
            Err(RecvTimeoutError::Timeout) => {
                if let Some(status) = child.try_wait()? {
                    return Ok(status);
                }
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(child.wait()?),
        }
    }
}

/// Runs a command with visible output.
pub(crate) fn status_of(command: &mut Command) -> Result<ExitStatus> {
    command.status().with_context(|| format!("cannot start {}", shown(command)))
}

/// Returns a command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut line = program.to_string_lossy().into_owned();
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    line
}

/// Returns another program's exit code as our own; a program that a signal ended has failed.
pub(crate) fn exit_code(status: ExitStatus) -> ExitCode {
    match status.code() {
        Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        None => ExitCode::FAILURE,
    }
}
