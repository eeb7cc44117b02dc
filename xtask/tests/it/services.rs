//! The servers that tests need: found, left out by name, and installed without starting their services.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tempfile::TempDir;
use xtask_services::SmallDisk;

use crate::scratch::{SERVICES_DEPENDENCY, Scratch};

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
    let words = "Error: WEIFEN_REDIS_SERVER names /nowhere, which is no program; let it name a redis-server, or unset \
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
fn without_services_the_modules_that_need_one_are_named_and_only_they_are_left_out() {
    let ran = scratch().run("WEIFEN_REDIS_SERVER=/nowhere cargo xtask test --no-services");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.starts_with("--no-services leaves out the tests in needs_redis::\n$ cargo test"), "{}", ran.text);
    assert!(!ran.text.contains("test needs_redis::"), "{}", ran.text);
    assert!(ran.text.contains("test it_needs_redis_to_be_told ... ok"), "{}", ran.text);
    assert!(ran.text.contains("test shut::a_trap_is_shut ... ok"), "{}", ran.text);
}

#[test]
fn tests_are_left_out_beside_other_arguments_for_their_programs() {
    let ran = scratch().run("cargo xtask test --no-services --package weifen-transport -- -- --nocapture");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("-- --nocapture --skip needs_redis::\n"), "{}", ran.text);
    assert!(ran.text.contains("test it_needs_redis_to_be_told ... ok"), "{}", ran.text);
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

#[test]
fn all_missing_servers_are_named_together() {
    let ran = scratch_with_both().run("WEIFEN_REDIS_SERVER=/nowhere WEIFEN_POSTGRES=/none cargo xtask test");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    let words = "Error: WEIFEN_REDIS_SERVER names /nowhere, which is no program; let it name a redis-server, or unset it\n\
                 WEIFEN_POSTGRES names /none, which is no program; let it name a postgres, or unset it; `cargo xtask test \
                 --no-services` leaves out the tests that need it\n";
    assert!(ran.text.contains(words), "{}", ran.text);
}

#[test]
fn tests_that_mount_a_file_system_are_named_and_left_out_where_that_is_not_allowed() {
    let scratch = scratch();
    scratch.replace("crates/transport/tests/it/main.rs", "mod needs_redis {", "mod needs_mount {");
    let mount = "needs_mount::one";
    if SmallDisk::mount().is_ok() {
        let ran = scratch.run("cargo xtask test one");
        assert!(ran.text.contains(&format!("test {mount} ... ok")), "{}", ran.text);
        assert!(!ran.text.contains("leaves out"), "{}", ran.text);
    }
    // Root can drop the right; other users do not have it.
    let without = if SmallDisk::mount().is_ok() { "setpriv --bounding-set -sys_admin " } else { "" };
    let ran = scratch.run(&format!("{without}cargo xtask test one"));
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("root has it) leaves out the tests in needs_mount::\n"), "{}", ran.text);
    assert!(!ran.text.contains(&format!("test {mount}")), "{}", ran.text);
    assert!(ran.text.contains("2 suites, 0 failures"), "{}", ran.text);
}

/// The same workspace, in which proto's tests need a PostgreSQL as well.
fn scratch_with_both() -> Scratch {
    let scratch = scratch();
    let manifest = scratch.read("crates/proto/Cargo.toml");
    scratch.write("crates/proto/Cargo.toml", &format!("{manifest}\n[dev-dependencies]\n{SERVICES_DEPENDENCY}\n"));
    scratch.add_below("crates/proto/tests/it/main.rs", "mod shut;", "mod needs_postgres;");
    scratch.write("crates/proto/tests/it/needs_postgres.rs", "#[test]\nfn one() {}\n");
    scratch
}

#[test]
fn a_package_is_asked_for_the_servers_of_its_own_tests_alone() {
    let scratch = scratch_with_both();
    let ran =
        scratch.run("WEIFEN_REDIS_SERVER=/bin/sh WEIFEN_POSTGRES=/nowhere cargo xtask test --package weifen-transport");
    assert!(ran.is_success(), "{}", ran.text);
    scratch.write_program("postgres", "");
    let ran = scratch
        .run("WEIFEN_REDIS_SERVER=/nowhere WEIFEN_POSTGRES=../tools/postgres cargo xtask test --package weifen-proto");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("/tools/postgres\n"), "{}", ran.text);
    assert!(ran.text.contains("test needs_postgres::one ... ok"), "{}", ran.text);
    let ran = scratch.run("WEIFEN_REDIS_SERVER=/bin/sh WEIFEN_POSTGRES=/nowhere cargo xtask test");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    let words = "Error: WEIFEN_POSTGRES names /nowhere, which is no program; let it name a postgres, or unset it";
    assert!(ran.text.contains(words), "{}", ran.text);
}

#[test]
fn without_services_the_tests_of_all_servers_are_left_out() {
    let ran = scratch_with_both().run("WEIFEN_POSTGRES=/nowhere cargo xtask test --no-services");
    assert!(ran.is_success(), "{}", ran.text);
    for module in ["needs_redis::", "needs_postgres::"] {
        assert!(ran.text.contains(&format!("--no-services leaves out the tests in {module}\n")), "{}", ran.text);
    }
    assert!(!ran.text.contains("test needs_"), "{}", ran.text);
}

/// Lets install.sh install Redis with an apt-get that ends like this. Returns the arguments of each call of apt-get,
/// with the policy's answer to a service at that moment.
fn install(folder: &TempDir, apt_get: &str) -> String {
    let path = |name: &str| folder.path().join(name);
    fs::write(path("apt-get"), format!("#!/bin/sh\n\"$POLICY\"\necho \"$* ($?)\"\n{apt_get}\n")).unwrap();
    fs::set_permissions(path("apt-get"), Permissions::from_mode(0o755)).unwrap();
    let output = Command::new("sh")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/services/install.sh"))
        .arg(path("policy"))
        .arg("redis-server")
        .env("PATH", format!("{}:{}", folder.path().display(), env::var("PATH").unwrap()))
        .env("POLICY", path("policy"))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn no_service_starts_while_its_package_is_installed_and_no_policy_is_left_behind() {
    for end in ["exit 0", "exit 100", "kill -HUP $PPID", "kill -INT $PPID", "kill -TERM $PPID"] {
        let folder = TempDir::new().unwrap();
        let asked = install(&folder, end);
        let whole = "update (101)\ninstall --yes --no-install-recommends redis-server (101)\n";
        assert_eq!(asked, if end.starts_with("exit") { whole } else { "update (101)\n" }, "{end}");
        assert!(!folder.path().join("policy").exists(), "{end}");
    }
}

#[test]
fn a_policy_of_the_machine_is_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let policy = folder.path().join("policy");
    fs::write(&policy, "#!/bin/sh\nexit 104\n").unwrap();
    fs::set_permissions(&policy, Permissions::from_mode(0o755)).unwrap();
    assert!(install(&folder, "exit 0").starts_with("update (104)\n"));
    assert_eq!(fs::read_to_string(&policy).unwrap(), "#!/bin/sh\nexit 104\n");
}
