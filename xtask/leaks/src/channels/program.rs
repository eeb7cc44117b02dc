//! The command line as a process: with canaries as credentials, in an empty folder, with no other configuration.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;
use tempfile::TempDir;
use xtask_services::signal::{self, Signal};

use crate::canary::Secret;

/// A builder of a run.
pub(super) struct Program {
    pub(super) folder: TempDir,
    command: Command,
    stdin: String,
}

/// Output and result of a run.
pub(super) struct Ended {
    pub(super) is_done: bool,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    /// The folder in which it ran and left its files.
    pub(super) folder: TempDir,
}

/// Returns the path of the command line, which lies beside this program.
pub(super) fn path() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("weifen");
    anyhow::ensure!(path.is_file(), "the command line is not built: run this as `cargo xtask leaks`");
    Ok(path)
}

impl Program {
    /// Prepares `weifen` with these arguments, and both vendors at `url`.
    pub(super) fn at(url: &str, arguments: &[String]) -> Result<Self> {
        Self::through(&path()?, url, arguments)
    }

    /// Prepares a shell in place of `weifen`, which runs `script` under `name`.
    pub(super) fn shell(url: &str, script: String, name: String) -> Result<Self> {
        let program = Self::through("/bin/sh".as_ref(), url, &["-c".to_owned(), script, name])?;
        Ok(program.env("PATH", "/usr/bin:/bin"))
    }

    fn through(program: &Path, url: &str, arguments: &[String]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for (name, secret) in [
            ("weiting-secret", Secret::WeitingSecret),
            ("app-secret", Secret::AppSecret),
            ("push-secret", Secret::PushSecret),
            ("deliver-secret", Secret::DeliverSecret),
        ] {
            fs::write(folder.path().join(name), format!("{}\n", secret.value()))?;
        }
        let mut command = Command::new(program);
        command.env_clear().current_dir(folder.path()).args(arguments);
        command.env("XDG_STATE_HOME", folder.path().join("state")).env("RUST_BACKTRACE", "full");
        let database = format!("sqlite:{}", folder.path().join("inbox.db").display());
        for (name, value) in [
            ("WEITING_BASE_URL", url),
            ("WEITING_APPID", "an-appid"),
            ("WEITING_SECRET_FILE", "weiting-secret"),
            ("WEITING_USER_PATH", "/user"),
            ("FENSI_BASE_URL", url),
            ("FENSI_DEVELOP_APPID", "a-developer"),
            ("FENSI_APP_SECRET_FILE", "app-secret"),
            ("FENSI_KEY", "a-key"),
            ("HTTP_TIMEOUT_S", "1"),
            ("SERVE_LISTEN", "127.0.0.1:0"),
            ("SERVE_ADMIN_LISTEN", "127.0.0.1:0"),
            ("SERVE_DATABASE", &database),
            ("SERVE_PUSH_SECRET_FILE", "push-secret"),
            ("SERVE_BACKOFF_BASE_MS", "1"),
            ("SERVE_MAX_ATTEMPTS", "2"),
        ] {
            command.env(format!("WEIFEN_{name}"), value);
        }
        Ok(Self { folder, command, stdin: String::new() })
    }

    pub(super) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(super) fn stdin(mut self, text: &str) -> Self {
        text.clone_into(&mut self.stdin);
        self
    }

    /// Sets `url` as the receiver of signed deliveries.
    pub(super) fn delivering_to(self, url: &str) -> Self {
        self.env("WEIFEN_SERVE_DELIVER_URL", url).env("WEIFEN_SERVE_DELIVER_SECRET_FILE", "deliver-secret")
    }

    /// Runs it to its end.
    pub(super) fn run(mut self) -> Result<Ended> {
        let command = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().context("weifen can't be started")?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not read its stdin may be gone by now.
            let _ = stdin.write_all(self.stdin.as_bytes());
        }
        let output = child.wait_with_output()?;
        let is_done = output.status.success();
        Ok(Ended { is_done, stdout: output.stdout, stderr: output.stderr, folder: self.folder })
    }

    /// Starts it, and waits for the line that says that it is ready.
    pub(super) fn start(mut self) -> Result<Running> {
        let log = self.folder.path().join("log");
        let command = self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&log)?);
        let mut child = command.spawn().context("weifen can't be started")?;
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().context("no stdout")?);
        stdout.read_line(&mut line)?;
        let ready = serde_json::from_str(&line).unwrap_or_default();
        let running = Running { child, log, ready, line, folder: self.folder };
        anyhow::ensure!(running.ready.is_object(), "it is not ready: {}", String::from_utf8_lossy(&running.log()));
        Ok(running)
    }
}

/// A running program that reported ready.
pub(super) struct Running {
    child: Child,
    log: PathBuf,
    pub(super) ready: Value,
    /// The line with which it reported ready.
    pub(super) line: String,
    pub(super) folder: TempDir,
}

impl Running {
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns an address from the line with which it reported ready.
    pub(super) fn address(&self, name: &str) -> Result<std::net::SocketAddr> {
        Ok(self.ready[name].as_str().with_context(|| format!("no {name}: {}", self.ready))?.parse()?)
    }

    /// Returns its stderr so far.
    pub(super) fn log(&self) -> Vec<u8> {
        fs::read(&self.log).unwrap_or_default()
    }

    /// Sends a signal, and waits for it to end.
    pub(super) fn end(&mut self, signal: Signal) -> Result<()> {
        anyhow::ensure!(self.ends_within(Duration::from_secs(30), signal)?, "it does not end");
        Ok(())
    }

    /// Sends a signal until it ends: Rust's handler of stack overflows catches the first SEGV or BUS, and removes
    /// itself where there was no overflow.
    pub(super) fn crash(&mut self, signal: Signal) -> Result<()> {
        for _ in 0..30 {
            if self.ends_within(Duration::from_secs(1), signal)? {
                return Ok(());
            }
        }
        anyhow::bail!("it does not crash")
    }

    fn ends_within(&mut self, limit: Duration, signal: Signal) -> Result<bool> {
        signal::send(self.id(), signal)?;
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            if begun.elapsed() > limit {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(true)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
