//! Another process that uses the store: this test program, started again to run the one test below.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use weifen_weiting::token::store::ClaimOutcome;
use weifen_weiting::token::{FileStore, TokenStore};
use xtask_services::signal::{self, Signal};

use super::{claim, key, morning, token, words};

const TEST: &str = "file_store::another_process::does_what_it_was_started_for";
const TASK: &str = "WEIFEN_TEST_TASK";
const PATH: &str = "WEIFEN_TEST_PATH";

/// Prefix of the lines that are meant for the parent process; the test runner prints others.
const SAYS: &str = "says: ";

/// Work of the other process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// Claims once, on a signal from the parent, and prints the outcome.
    Claim,
    /// Claims and saves in an endless loop.
    Write,
}

impl Task {
    fn name(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Write => "write",
        }
    }
}

/// A process that uses the store; killed at its end.
#[derive(Debug)]
pub(super) struct AnotherProcess {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl AnotherProcess {
    pub(super) fn start(task: Task, path: &Path) -> Self {
        Self::from(Command::new(std::env::current_exe().unwrap()), task, path)
    }

    /// Starts a process in which no file can grow, as on a full disk.
    pub(super) fn without_room(task: Task, path: &Path) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]);
        shell.arg(std::env::current_exe().unwrap());
        Self::from(shell, task, path)
    }

    /// Starts the process, and returns once it is ready.
    fn from(mut command: Command, task: Task, path: &Path) -> Self {
        command.args(["--exact", TEST, "--ignored", "--nocapture"]).env(TASK, task.name()).env(PATH, path);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut process = Self { child, output };
        assert_eq!(process.outcome(), "ready");
        process
    }

    pub(super) fn go(&mut self) -> &mut Self {
        self.child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
        self
    }

    /// Returns the next outcome that it prints.
    pub(super) fn outcome(&mut self) -> String {
        let mut lines = self.output.by_ref().lines().map(Result::unwrap);
        lines.find_map(|line| Some(line.split_once(SAYS)?.1.to_owned())).expect("it ended without a word")
    }

    /// Stops it by SIGSTOP, and returns once it has stopped.
    pub(super) fn stop(&self) {
        signal::stop(&self.child).unwrap();
    }

    pub(super) fn go_on(&self) {
        signal::send(self.child.id(), Signal::CONT).unwrap();
    }

    /// Kills it by SIGKILL, so that it can't clean up.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for AnotherProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
#[ignore = "is what the tests beside it start as another process"]
async fn does_what_it_was_started_for() {
    // Without a task, a person runs all ignored tests.
    let Ok(task) = std::env::var(TASK) else { return };
    let store = FileStore::new(std::env::var(PATH).unwrap());
    say("ready");
    if task == Task::Claim.name() {
        std::io::stdin().read_line(&mut String::new()).unwrap();
        say(&claim_once(&store).await);
    } else {
        write_without_end(&store).await;
    }
}

fn say(what: &str) {
    println!("\n{SAYS}{what}");
}

async fn claim_once(store: &FileStore) -> String {
    match store.claim(&key(), &claim(morning(), 1)).await {
        Ok(ClaimOutcome::Granted(_)) => "granted".to_owned(),
        Ok(ClaimOutcome::Taken { .. }) => "taken".to_owned(),
        Ok(other) => format!("{other:?}"),
        Err(error) => words(&error),
    }
}

async fn write_without_end(store: &FileStore) {
    let stored = store.load(&key(), morning()).await.unwrap().token.unwrap();
    let (mut now, mut replaces) = (stored.fetched_at(), stored.generation());
    loop {
        now += Duration::from_secs(600);
        if let ClaimOutcome::Granted(lease) = store.claim(&key(), &claim(now, replaces)).await.unwrap() {
            store.save(&key(), &lease, &token(&lease, now)).await.unwrap();
            replaces = lease.generation;
        }
        // A pause, so that other processes get the lock too.
        std::thread::sleep(Duration::from_millis(1));
    }
}
