//! The commands of docs/push.md work as they stand, in an empty folder, for a user who has nothing but `weifen`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::support::{Reply, Running, Server};

const PAGE: &str = include_str!("../../../../docs/push.md");

/// The blocks of a section that are in this language, in their order.
fn blocks(section: &str, language: &str) -> Vec<String> {
    let (_, text) = PAGE.split_once(&format!("\n## {section}\n")).expect(section);
    let text = text.split("\n## ").next().unwrap();
    let begin = format!("```{language}\n");
    text.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The typed lines, without the prompts.
fn typed(block: &str) -> String {
    block.lines().map(|line| line.strip_prefix("$ ").expect(line)).collect::<Vec<_>>().join("\n")
}

/// A machine of somebody who begins: `weifen` and the system's programs in its path, and nothing in its home.
struct Machine {
    home: TempDir,
    receiver: Server,
}

impl Machine {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("bin")).unwrap();
        symlink(env!("CARGO_BIN_EXE_weifen"), home.path().join("bin/weifen")).unwrap();
        Self { home, receiver: Server::start(|_| Reply::json("{}")) }
    }

    fn shell(&self, folder: &Path, lines: &str) -> Command {
        let path = format!("{}:/usr/bin:/bin", self.home.path().join("bin").display());
        let mut shell = Command::new("/bin/sh");
        shell.args(["-e", "-c", lines]).current_dir(folder).env_clear().env("PATH", path).env("HOME", self.home.path());
        // Ports that no other test has.
        shell.env("WEIFEN_SERVE_LISTEN", "127.0.0.1:0").env("WEIFEN_SERVE_ADMIN_LISTEN", "127.0.0.1:0");
        shell
    }

    #[track_caller]
    fn types(&self, folder: &Path, lines: &str) -> String {
        let Output { status, stdout, stderr } = self.shell(folder, lines).output().unwrap();
        let stdout = String::from_utf8(stdout).unwrap();
        assert!(status.success(), "{lines}: {stdout}\n{}", String::from_utf8_lossy(&stderr));
        stdout
    }

    /// Starts `weifen serve`, the last line of `lines`, and waits until it is ready.
    #[track_caller]
    fn serves(&self, folder: &Path, lines: &str) {
        assert_eq!(lines, "weifen serve");
        let mut shell = self.shell(folder, "exec weifen serve");
        let child = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut serving = Running::new(child, tempfile::tempdir().unwrap());
        let said = serving.line();
        assert!(said.starts_with("Ready"), "{said} {}", serving.error_line());
    }
}

#[test]
fn pushes_are_received_by_what_the_page_says() {
    let machine = Machine::new();
    let home = machine.home.path();
    let [making, running] = &blocks("Set it up", "console")[..] else { panic!("two blocks of commands") };
    let [settings] = &blocks("Set it up", "toml")[..] else { panic!("one file") };
    machine.types(home, &typed(making));
    let shop = home.join("shop");
    fs::write(shop.join("weifen.toml"), settings).unwrap();
    let running = typed(running);
    let (doctor, serve) = running.split_once('\n').unwrap();
    let report = machine.types(&shop, doctor);
    assert!(report.contains("0 problems, "), "{report}");
    machine.serves(&shop, serve);

    // Then the deliveries: the page's receiver stands where it says, a test's elsewhere.
    let [more] = &blocks("Receive deliveries", "toml")[..] else { panic!("one addition") };
    let [making, ..] = &blocks("Receive deliveries", "console")[..] else { panic!("a block of commands") };
    let more = more.replace("http://127.0.0.1:9000/follows", &machine.receiver.url());
    fs::write(shop.join("weifen.toml"), format!("{settings}{more}")).unwrap();
    let report = machine.types(&shop, &typed(making));
    assert!(report.contains("All is well."), "{report}");
    machine.serves(&shop, "weifen serve");
}
