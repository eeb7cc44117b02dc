//! A small workspace in a temporary folder, shaped like ours, that passes every check until a test breaks it.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

pub(crate) struct Scratch {
    folder: TempDir,
}

/// Exit code and output of a command.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) text: String,
}

impl Ran {
    pub(crate) fn is_success(&self) -> bool {
        self.code == Some(0)
    }

    /// The commands that a failing check printed.
    pub(crate) fn repairs(&self) -> Vec<&str> {
        let lines = self.text.lines();
        lines.filter_map(|line| line.trim_start().strip_prefix("repair: ")).collect()
    }
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let scratch = Self { folder: TempDir::new().expect("a temporary folder") };
        fs::create_dir(scratch.path("")).expect("a folder can be made");
        scratch.write_tool();
        for (path, text) in FILES {
            scratch.write(path, text);
        }
        for (folder, name, more) in PACKAGES {
            scratch.write(&format!("{folder}/Cargo.toml"), &manifest(name, more));
        }
        scratch.write("docs/protocol/traps.md", &traps("weifen-proto it shut::a_trap_is_shut"));
        let locked = scratch.run("cargo generate-lockfile");
        assert!(locked.is_success(), "{}", locked.text);
        scratch
    }

    /// Makes `cargo xtask` run the program under test.
    fn write_tool(&self) {
        self.write_program("cargo-xtask", &format!("shift\nexec '{}' \"$@\"", env!("CARGO_BIN_EXE_xtask")));
    }

    /// Puts a shell script into the search path.
    pub(crate) fn write_program(&self, name: &str, script: &str) {
        let path = format!("../tools/{name}");
        self.write(&path, &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(self.path(&path), fs::Permissions::from_mode(0o755)).expect("an executable file");
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("workspace").join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        let folder = path.parent().expect("a file has a folder");
        fs::create_dir_all(folder).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from}");
        self.write(path, &text.replacen(from, to, 1));
    }

    /// Adds a line after a line of a file.
    pub(crate) fn add_below(&self, path: &str, line: &str, added: &str) {
        self.replace(path, &format!("{line}\n"), &format!("{line}\n{added}\n"));
    }

    /// Adds the library that starts servers, and returns the line by which a crate depends on it.
    pub(crate) fn add_services(&self) -> &'static str {
        self.replace("Cargo.toml", "\"xtask/record\"]", "\"xtask/record\", \"xtask/services\"]");
        self.write("xtask/services/Cargo.toml", &manifest("xtask-services", ""));
        self.write("xtask/services/src/lib.rs", "//! Starts servers.\n");
        SERVICES_DEPENDENCY
    }

    /// Runs a command line in the workspace, without the network.
    pub(crate) fn run(&self, line: &str) -> Ran {
        let mut paths = vec![self.path("../tools")];
        paths.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let output = Command::new("sh")
            .args(["-c", line])
            .current_dir(self.path(""))
            .env("PATH", env::join_paths(paths).expect("a search path"))
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TARGET_DIR", self.path("target"))
            .env_remove("INSTA_SNAPSHOT_REFERENCES_FILE")
            .output()
            .expect("a shell");
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        Ran { code: output.status.code(), text }
    }

    pub(crate) fn check(&self, step: &str) -> Ran {
        self.run(&format!("cargo xtask check {step}"))
    }

    pub(crate) fn passes(&self, step: &str) {
        let ran = self.check(step);
        assert!(ran.is_success(), "{}", ran.text);
    }

    pub(crate) fn fails(&self, step: &str) -> Ran {
        let ran = self.check(step);
        assert_eq!(ran.code, Some(1), "{}", ran.text);
        ran
    }

    /// Asserts that the step fails, and that it prints exactly these commands, which make it pass.
    pub(crate) fn is_repaired(&self, step: &str, commands: &[&str]) {
        let failed = self.fails(step);
        assert_eq!(failed.repairs(), commands, "{}", failed.text);
        for command in commands {
            let ran = self.run(command);
            assert!(ran.is_success(), "{command}\n{}", ran.text);
        }
        self.passes(step);
    }
}

/// Returns the manifest of a package of the workspace, with these lines added.
fn manifest(name: &str, more: &str) -> String {
    let inherited = "rust-version.workspace = true\nlicense = \"MIT OR Apache-2.0\"\npublish = false";
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{inherited}\n{more}")
}

/// The line by which a crate depends on the library that starts servers.
pub(crate) const SERVICES_DEPENDENCY: &str = "xtask-services = { path = \"../../xtask/services\" }";

/// Returns the page of traps with T01 to T26, all with one guard.
fn traps(guard: &str) -> String {
    let trap = |number| format!("## T{number:02} · A trap\n\n- Guard: {guard}\n\n");
    let sections: String = (1..=26).map(trap).collect();
    format!("# Traps\n\n{}\n", sections.trim_end())
}

/// Folder and name of each package, and the lines of its manifest that are not inherited.
const PACKAGES: [(&str, &str, &str); 6] = [
    ("crates/proto", "weifen-proto", "\n[features]\nweiting = []\n"),
    ("crates/transport", "weifen-transport", "\n[dependencies]\nweifen-proto.workspace = true\n"),
    ("crates/sandbox", "weifen-sandbox", ""),
    ("crates/facade", "weifen", FACADE),
    ("crates/cli", "weifen-cli", "\n[[bin]]\nname = \"weifen\"\npath = \"src/main.rs\"\ndoc = false\n"),
    ("xtask/record", "xtask-record", ""),
];

const FACADE: &str = r#"
[dependencies]
weifen-proto = { workspace = true, optional = true }
weifen-transport = { workspace = true, optional = true }
weifen-sandbox = { workspace = true, optional = true }

[features]
weiting = ["dep:weifen-proto", "weifen-proto/weiting", "dep:weifen-transport"]
sandbox = ["dep:weifen-sandbox"]
"#;

const FILES: [(&str, &str); 18] = [
    (
        "Cargo.toml",
        r#"[workspace]
resolver = "3"
members = ["crates/*", "xtask/record"]
exclude = ["vendor"]

[workspace.package]
rust-version = "1.95"

[workspace.dependencies]
weifen-proto = { path = "crates/proto" }
weifen-transport = { path = "crates/transport" }
weifen-sandbox = { path = "crates/sandbox" }
"#,
    ),
    ("crates/proto/src/lib.rs", "//! What is said.\n"),
    ("crates/proto/tests/it/main.rs", "//! Tests.\n\nmod shut;\n"),
    ("crates/proto/tests/it/shut.rs", "#[test]\nfn a_trap_is_shut() {\n    assert_eq!(1 + 1, 2);\n}\n"),
    ("crates/transport/src/lib.rs", "//! Bytes out, bytes back.\n"),
    ("crates/sandbox/src/lib.rs", "//! The vendors, simulated.\n"),
    ("crates/facade/src/lib.rs", "//! Re-exports.\n"),
    (
        "crates/cli/src/main.rs",
        "//! Prints the page of all configuration keys, and the document of the API.\n\nfn main() {\n    println!(\"# \
         Configuration\");\n}\n",
    ),
    ("docs/openapi.json", "# Configuration\n"),
    ("docs/openapi-3.0.3.json", "# Configuration\n"),
    (
        "docs/configuration.md",
        "<!-- Made by `cargo xtask configuration` from crates/facade/src/config/keys.rs. Do not edit. -->\n# Configuration\n",
    ),
    (
        "docs/zh/configuration.md",
        "<!-- Made by `cargo xtask configuration` from crates/facade/src/config/keys.rs. Do not edit. -->\n# Configuration\n",
    ),
    (
        "xtask/record/src/main.rs",
        r#"//! Writes one cassette, or with --check compares it.

use std::{env, fs, process};

fn main() {
    let path = "crates/transport/cassette.txt";
    if env::args().any(|arg| arg == "--check") {
        if fs::read(path).ok().as_deref() != Some(b"recorded\n") {
            println!("{path} differs");
            process::exit(1);
        }
    } else {
        fs::write(path, "recorded\n").expect("a file can be written");
    }
}
"#,
    ),
    ("crates/transport/cassette.txt", "recorded\n"),
    ("README.md", "Rust 1.95 or newer.\n"),
    ("docs/zh/README.md", "Rust 1.95\n"),
    (
        "xtask/promises.toml",
        r#"[[promise]]
area = "Traps"
says = "They are shut."
guards = ["weifen-proto it shut::a_trap_is_shut"]
"#,
    ),
    (
        "docs/reliability.md",
        "# Reliability\n\n| promise | test | figure |\n|---|---|---|\n\
         | They are shut. | `shut::a_trap_is_shut` weifen-proto | – |\n",
    ),
];
