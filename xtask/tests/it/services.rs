//! The servers that tests need: asked for, left out by name, and installed without their services starting.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::scratch::Scratch;

/// A workspace in which transport's tests need a Redis.
fn scratch() -> Scratch {
    let scratch = Scratch::new();
    let services = scratch.add_services();
    let manifest = scratch.read("crates/transport/Cargo.toml");
    scratch.write("crates/transport/Cargo.toml", &format!("{manifest}\n[dev-dependencies]\n{services}\n"));
    scratch.write(
        "crates/transport/tests/it/main.rs",
        "//! Tests.\n\nmod needs_redis {\n    #[test]\n    fn one() {}\n\n    #[test]\n    fn another() {}\n}\n\n\
         #[test]\nfn it_needs_redis_to_be_told() {}\n",
    );
    scratch
}

#[test]
fn a_missing_server_is_an_error_before_anything_runs() {
    let scratch = scratch();
    let ran = scratch.run("WEIFEN_REDIS_SERVER=/nowhere cargo xtask test");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    let words = "error: WEIFEN_REDIS_SERVER names /nowhere, which is no program; let it name a redis-server, or unset \
                 it; `cargo xtask test --no-services` leaves out the tests that need it";
    assert!(ran.text.contains(words), "{}", ran.text);
    assert!(!ran.text.contains("running"), "{}", ran.text);
}

#[test]
fn a_package_whose_tests_need_no_server_is_tested_without_one() {
    let scratch = scratch();
    let ran = scratch.run("WEIFEN_REDIS_SERVER=/nowhere cargo xtask test --package weifen-proto");
    assert!(ran.is_success(), "{}", ran.text);
    let ran = scratch.run("WEIFEN_REDIS_SERVER=/nowhere cargo xtask test --package weifen-transport");
    assert!(!ran.is_success(), "{}", ran.text);
}

#[test]
fn where_the_server_is_nothing_is_left_out() {
    let ran = scratch().run("WEIFEN_REDIS_SERVER=/bin/sh cargo xtask test");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("redis-server: /bin/sh\n"), "{}", ran.text);
    assert!(ran.text.contains("test needs_redis::one ... ok"), "{}", ran.text);
    assert!(!ran.text.contains("leaves out"), "{}", ran.text);
}

#[test]
fn without_services_the_tests_that_need_one_are_named_and_only_they_are_left_out() {
    let ran = scratch().run("WEIFEN_REDIS_SERVER=/nowhere cargo xtask test --no-services");
    assert!(ran.is_success(), "{}", ran.text);
    let named = "--no-services leaves out 2 tests:\n  weifen-transport it needs_redis::another\n  \
                 weifen-transport it needs_redis::one\n$ cargo test";
    assert!(ran.text.contains(named), "{}", ran.text);
    assert!(!ran.text.contains("test needs_redis::"), "{}", ran.text);
    assert!(ran.text.contains("test it_needs_redis_to_be_told ... ok"), "{}", ran.text);
    assert!(ran.text.contains("test shut::a_trap_is_shut ... ok"), "{}", ran.text);
}

#[test]
fn only_what_would_be_run_is_named_as_left_out() {
    let scratch = scratch();
    let ran = scratch.run("cargo xtask test --no-services one");
    assert!(ran.text.contains("leaves out 1 tests:\n  weifen-transport it needs_redis::one\n"), "{}", ran.text);
    let ran = scratch.run("cargo xtask test --no-services it_needs -- --nocapture");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("--no-services leaves out: nothing"), "{}", ran.text);
    assert!(ran.text.contains("test it_needs_redis_to_be_told ... ok"), "{}", ran.text);
    let ran = scratch.run("cargo xtask test --no-services --package weifen-transport -- -- --nocapture");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("-- --nocapture --skip needs_redis::\n"), "{}", ran.text);
    assert!(ran.text.contains("leaves out 2 tests:"), "{}", ran.text);
    let ran = scratch.run("cargo xtask test --no-services one -- --list");
    assert!(ran.text.contains("leaves out 1 tests:\n  weifen-transport it needs_redis::one\n"), "{}", ran.text);
}

#[test]
fn a_snapshot_of_a_test_that_is_left_out_is_not_taken_for_a_leftover() {
    let scratch = scratch();
    let snapshot = "---\nsource: crates/transport/tests/it/main.rs\n---\n1\n";
    scratch.write("crates/transport/tests/it/snapshots/of_redis.snap", snapshot);
    let ran = scratch.run("cargo xtask test --no-services");
    assert!(ran.is_success(), "{}", ran.text);
    let ran = scratch.run("WEIFEN_REDIS_SERVER=/bin/sh cargo xtask test");
    assert_eq!(ran.repairs(), ["rm -- 'crates/transport/tests/it/snapshots/of_redis.snap'"], "{}", ran.text);
}

/// apt as the script sees it: it writes down each call, and what the policy says to a service in that moment.
struct Apt {
    folder: TempDir,
}

/// Where apt knows the package and installs it.
const WELL: [(&str, &str); 2] = [("apt-cache", "exit 0"), ("apt-get", "exit 0")];

impl Apt {
    fn new(programs: [(&str, &str); 2]) -> Self {
        let apt = Self { folder: TempDir::new().unwrap() };
        let note = "\"$POLICY\" >/dev/null 2>&1\necho \"$* ($DEBIAN_FRONTEND, start: $?)\" >>\"$CALLS\"";
        for (name, rest) in programs {
            let note = if name == "apt-get" { note } else { "" };
            let program = apt.path(name);
            fs::write(&program, format!("#!/bin/sh\n{note}\n{rest}\n")).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        apt
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the script: its exit code, and the calls of apt-get.
    fn install(&self) -> (Option<i32>, String) {
        let search_path = env::var_os("PATH").unwrap_or_default();
        let folders = [self.folder.path().to_owned()].into_iter().chain(env::split_paths(&search_path));
        let output = Command::new("sh")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/services/install.sh"))
            .args([self.path("policy").as_os_str(), "redis-server".as_ref()])
            .env("PATH", env::join_paths(folders).unwrap())
            .env("POLICY", self.path("policy"))
            .env("CALLS", self.path("calls"))
            .output()
            .unwrap();
        (output.status.code(), fs::read_to_string(self.path("calls")).unwrap())
    }
}

const INSTALL: &str = "install --yes --no-install-recommends redis-server (noninteractive, start: 101)\n";
const UPDATE: &str = "update (noninteractive, start: 101)\n";

#[test]
fn a_package_is_installed_while_no_service_may_start() {
    let apt = Apt::new(WELL);
    assert_eq!(apt.install(), (Some(0), INSTALL.to_owned()));
    assert!(!apt.path("policy").exists());
}

#[test]
fn missing_package_lists_are_fetched_first() {
    let apt = Apt::new([("apt-cache", "exit 100"), WELL[1]]);
    assert_eq!(apt.install(), (Some(0), [UPDATE, INSTALL].concat()));
}

#[test]
fn old_package_lists_are_fetched_anew() {
    let apt =
        Apt::new([WELL[0], ("apt-get", "case $* in update) touch \"$CALLS.new\" ;; esac\ntest -e \"$CALLS.new\"")]);
    assert_eq!(apt.install(), (Some(0), [INSTALL, UPDATE, INSTALL].concat()));
}

#[test]
fn an_installation_that_fails_leaves_no_policy_behind() {
    let apt = Apt::new([WELL[0], ("apt-get", "exit 100")]);
    assert_eq!(apt.install(), (Some(100), [INSTALL, UPDATE].concat()));
    assert!(!apt.path("policy").exists());
}

#[test]
fn an_installation_that_is_interrupted_leaves_no_policy_behind() {
    for signal in ["HUP", "INT", "TERM"] {
        let apt = Apt::new([WELL[0], ("apt-get", &format!("kill -{signal} $PPID"))]);
        assert_eq!(apt.install(), (Some(1), INSTALL.to_owned()));
        assert!(!apt.path("policy").exists());
    }
}

#[test]
fn a_policy_of_the_machine_is_left_as_it_is() {
    let apt = Apt::new(WELL);
    let policy = "#!/bin/sh\nexit 104\n";
    fs::write(apt.path("policy"), policy).unwrap();
    fs::set_permissions(apt.path("policy"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(apt.install(), (Some(0), INSTALL.replace("101", "104")));
    assert_eq!(fs::read_to_string(apt.path("policy")).unwrap(), policy);
}

#[test]
fn a_policy_that_was_left_over_is_taken_away() {
    let apt = Apt::new([WELL[0], ("apt-get", "cp \"$POLICY\" \"$POLICY.kept\"")]);
    apt.install();
    fs::rename(apt.path("policy.kept"), apt.path("policy")).unwrap();
    assert_eq!(apt.install().0, Some(0));
    assert!(!apt.path("policy").exists());
}
