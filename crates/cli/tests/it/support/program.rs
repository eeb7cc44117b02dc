//! The built program, with an empty folder to stand in and nothing of the test's own environment that it heeds.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

use super::Running;

/// A certificate that nobody has.
pub(crate) static NOBODYS: LazyLock<String> =
    LazyLock::new(|| rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem());

/// A run in preparation.
pub(crate) struct Program {
    folder: TempDir,
    command: Command,
    stdin: Vec<u8>,
}

/// Exit code and output of a run.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_weifen"));
        command.env_clear().current_dir(folder.path()).args(arguments);
        command.env("XDG_STATE_HOME", folder.path().join("state"));
        Self { folder, command, stdin: Vec::new() }
    }

    /// A run with credentials, and both vendors at `url`.
    pub(crate) fn at(url: &str, arguments: &[&str]) -> Self {
        Self::new(arguments)
            .env("WEIFEN_WEITING_BASE_URL", url)
            .env("WEIFEN_WEITING_APPID", "wt-appid")
            .env("WEIFEN_WEITING_SECRET", "wt-secret")
            .env("WEIFEN_WEITING_USER_PATH", "/user")
            .env("WEIFEN_FENSI_BASE_URL", url)
            .env("WEIFEN_FENSI_DEVELOP_APPID", "fs-appid")
            .env("WEIFEN_FENSI_APP_SECRET", "fs-secret")
            .env("WEIFEN_FENSI_KEY", "fs-key")
    }

    /// Trusts a certificate that nobody has: reading the machine's takes three times as long as all else.
    pub(crate) fn trusting_nobody(self) -> Self {
        self.file("ca.pem", &*NOBODYS).env("WEIFEN_HTTP_CA_FILE", "ca.pem")
    }

    pub(crate) fn arg(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs this script in a shell first, which then becomes the program.
    pub(crate) fn after(mut self, script: &str) -> Self {
        let mut command = Command::new("/bin/sh");
        command.env_clear().current_dir(self.folder.path());
        command.args(["-c", &format!("{script}; exec \"$0\" \"$@\"")]);
        command.arg(self.command.get_program()).args(self.command.get_args());
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.command = command;
        self
    }

    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// A file in the folder that the program stands in.
    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.folder.path().join(name), content).unwrap();
        self
    }

    /// A file there that every user can write.
    pub(crate) fn file_of_all(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        use std::os::unix::fs::PermissionsExt;

        let program = self.file(name, content);
        let mode = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(program.folder.path().join(name), mode).unwrap();
        program
    }

    pub(crate) fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.command.stdout(stdout);
        self
    }

    pub(crate) fn run(mut self) -> Ended {
        self.command.stdout(Stdio::piped());
        self.run_as_it_is()
    }

    /// Runs with the stdout that was given.
    pub(crate) fn run_as_it_is(mut self) -> Ended {
        let mut child = self.command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A program that does not read its stdin may be gone by now.
        let _ = child.stdin.take().unwrap().write_all(&self.stdin);
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts with this stderr, and returns the process at once, with the folder that it stands in.
    pub(crate) fn spawn(mut self, stderr: impl Into<Stdio>) -> (Child, TempDir) {
        self.command.stdout(Stdio::piped());
        self.spawn_as_it_is(stderr)
    }

    /// The same, with the stdout that was given.
    pub(crate) fn spawn_as_it_is(mut self, stderr: impl Into<Stdio>) -> (Child, TempDir) {
        let child = self.command.stdin(Stdio::null()).stderr(stderr).spawn().unwrap();
        (child, self.folder)
    }

    /// Starts and returns at once.
    pub(crate) fn start(self) -> Running {
        let (child, folder) = self.spawn(Stdio::piped());
        Running::new(child, folder)
    }
}

impl Ended {
    /// The one JSON document on stdout.
    pub(crate) fn json(&self) -> Value {
        let lines: Vec<_> = self.stdout.lines().collect();
        assert_eq!(lines.len(), 1, "stdout is one line: {self:?}");
        serde_json::from_str(lines[0]).unwrap()
    }

    /// The document of a run that did what it was asked for.
    pub(crate) fn done(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        self.json()
    }

    /// The error of a run that ended with `code` and wrote its document.
    pub(crate) fn error(&self, code: i32) -> Value {
        assert_eq!(self.code, code, "{self:?}");
        self.json()["error"].clone()
    }

    /// Everything that was printed.
    pub(crate) fn printed(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}
