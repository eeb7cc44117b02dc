//! Another process that uses a SQLite inbox: this test program, started again to run the one test below. It reads a
//! command a line, and answers each with a line.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use weifen_inbox::{Database, Inbox};

use crate::support::{Receiving, paying, push, words};

const TEST: &str = "another_process::does_what_it_is_told_to";
const PATH: &str = "WEIFEN_TEST_PATH";

/// Prefix of an answer; the test runner writes other lines.
const SAYS: &str = "says: ";

/// A user without root's permissions.
const NOBODY: u32 = 65534;

/// A process with an inbox; killed at its end.
#[derive(Debug)]
pub(crate) struct AnotherProcess {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl AnotherProcess {
    pub(crate) fn start(path: &Path) -> Self {
        Self::from(&mut Command::new(std::env::current_exe().unwrap()), path)
    }

    /// Starts a process that has the inbox open.
    pub(crate) fn opened(path: &Path) -> Self {
        let mut process = Self::start(path);
        assert_eq!(process.ask("open"), "opened");
        process
    }

    /// Starts a process whose files [`Self::leave_room`] can keep from growing, which looks like a full disk to it.
    pub(crate) fn start_limited(path: &Path) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
        Self::from(&mut shell, path)
    }

    /// Starts a process as a user without root's permissions, who becomes the owner of the folder and its files.
    pub(crate) fn start_as_nobody(path: &Path) -> Self {
        let folder = path.parent().unwrap();
        let program = folder.join("program");
        // Copied by another process: a program can't be run while a process has it open to write, and a child forked
        // meanwhile would inherit that.
        let copied = Command::new("cp").arg(std::env::current_exe().unwrap()).arg(&program).status();
        assert!(copied.unwrap().success());
        if !rustix::process::getuid().is_root() {
            return Self::from(&mut Command::new(program), path);
        }
        let state = crate::support::beside(path, ".state");
        for file in [folder, path, &program, &state] {
            chown(file, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        Self::from(Command::new(program).uid(NOBODY).gid(NOBODY), path)
    }

    fn from(command: &mut Command, path: &Path) -> Self {
        command.args(["--exact", TEST, "--ignored", "--nocapture"]).env(PATH, path);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    pub(crate) fn answer(&mut self) -> String {
        let mut lines = self.output.by_ref().lines().map(Result::unwrap);
        lines.find_map(|line| Some(line.split_once(SAYS)?.1.to_owned())).expect("it ended without a word")
    }

    /// Makes it receive a push of each user.
    pub(crate) fn push(&mut self, users: impl IntoIterator<Item = String>) {
        for user in users {
            self.ask(&format!("push {user}"));
        }
    }

    pub(crate) fn ask(&mut self, line: &str) -> String {
        self.tell(line);
        self.answer()
    }

    /// Caps the size of its files, in bytes; `None` for no cap.
    pub(crate) fn leave_room(&self, bytes: Option<u64>) {
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(Some(Pid::from_child(&self.child)), Resource::Fsize, limit).unwrap();
    }
}

impl Drop for AnotherProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "is what the tests beside it start as another process"]
async fn does_what_it_is_told_to() {
    // Without a path someone runs all ignored tests.
    let Some(path) = std::env::var_os(PATH).map(PathBuf::from) else { return };
    let mut inbox = None;
    for line in std::io::stdin().lines() {
        let answer = match (line.unwrap().split_once(' ').unwrap_or(("open", "")), &inbox) {
            (("push", user), Some(inbox)) => receive(inbox, user).await,
            (("purge", _), Some(inbox)) => {
                inbox.purge(Duration::ZERO).await.map_or_else(|error| words(&error), |_| "purged".to_owned())
            }
            _ => match Inbox::open(&Database::sqlite(&path)).await {
                Ok(opened) => {
                    inbox = Some(Receiving(opened.receiving(paying())));
                    "opened".to_owned()
                }
                Err(error) => words(&error),
            },
        };
        println!("\n{SAYS}{answer}");
    }
}

/// Long, so that few of them fill the room.
async fn receive(inbox: &Receiving, user: &str) -> String {
    let push = push(user).replace("an account", &"x".repeat(4000));
    inbox.receive(push).await.map_or_else(|error| words(&error), |receipt| format!("{receipt:?}"))
}
