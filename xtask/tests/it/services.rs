//! The servers that tests need: asked for, left out by name, and installed without their services starting.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
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
    assert!(ran.text.contains("leaves out 1 test:\n  weifen-transport it needs_redis::one\n"), "{}", ran.text);
    let ran = scratch.run("cargo xtask test --no-services it_needs -- --nocapture");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("--no-services leaves out: nothing"), "{}", ran.text);
    assert!(ran.text.contains("test it_needs_redis_to_be_told ... ok"), "{}", ran.text);
    let ran = scratch.run("cargo xtask test --no-services --package weifen-transport -- -- --nocapture");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("-- --nocapture --skip needs_redis::\n"), "{}", ran.text);
    assert!(ran.text.contains("leaves out 2 tests:"), "{}", ran.text);
    let ran = scratch.run("cargo xtask test --no-services one -- --list");
    assert!(ran.text.contains("leaves out 1 test:\n  weifen-transport it needs_redis::one\n"), "{}", ran.text);
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
    let words = "error: WEIFEN_REDIS_SERVER names /nowhere, which is no program; let it name a redis-server, or unset it\n\
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
    // Root may run it without the right; others have none to take away.
    let without = if SmallDisk::mount().is_ok() { "setpriv --bounding-set -sys_admin " } else { "" };
    let ran = scratch.run(&format!("{without}cargo xtask test one"));
    assert!(ran.is_success(), "{}", ran.text);
    let named = format!("root has it) leaves out 1 test:\n  weifen-transport it {mount}\n");
    assert!(ran.text.contains(&named), "{}", ran.text);
    assert!(!ran.text.contains(&format!("test {mount}")), "{}", ran.text);
    assert!(ran.text.contains("2 suites, 0 failures"), "{}", ran.text);
}

/// The same workspace, in which proto's tests need a PostgreSQL.
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
    scratch.write_program("postgres", "echo 'postgres (PostgreSQL) 15.0'");
    let ran = scratch
        .run("WEIFEN_REDIS_SERVER=/nowhere WEIFEN_POSTGRES=../tools/postgres cargo xtask test --package weifen-proto");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("/tools/postgres\n"), "{}", ran.text);
    assert!(ran.text.contains("test needs_postgres::one ... ok"), "{}", ran.text);
    let ran = scratch.run("WEIFEN_REDIS_SERVER=/bin/sh WEIFEN_POSTGRES=/nowhere cargo xtask test");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    let words = "error: WEIFEN_POSTGRES names /nowhere, which is no program; let it name a postgres, or unset it";
    assert!(ran.text.contains(words), "{}", ran.text);
}

#[test]
fn a_server_that_is_too_old_is_an_error_before_anything_runs() {
    let scratch = scratch_with_both();
    scratch.write_program("postgres", "echo 'postgres (PostgreSQL) 14.22'");
    let ran = scratch.run("WEIFEN_REDIS_SERVER=/bin/sh WEIFEN_POSTGRES=../tools/postgres cargo xtask test");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    let words = "calls itself \"postgres (PostgreSQL) 14.22\", and it takes a postgres of version 15 or newer; install";
    assert!(ran.text.contains(words), "{}", ran.text);
    assert!(
        ran.text.contains("; `cargo xtask test --no-services` leaves out the tests that need it\n"),
        "{}",
        ran.text
    );
    assert!(!ran.text.contains("running"), "{}", ran.text);
}

#[test]
fn without_services_the_tests_of_all_servers_are_left_out() {
    let ran = scratch_with_both().run("WEIFEN_POSTGRES=/nowhere cargo xtask test --no-services");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("--no-services leaves out 3 tests:\n"), "{}", ran.text);
    for named in [
        "\n  weifen-proto it needs_postgres::one\n",
        "\n  weifen-transport it needs_redis::another\n",
        "\n  weifen-transport it needs_redis::one\n",
    ] {
        assert!(ran.text.contains(named), "{}", ran.text);
    }
    assert!(!ran.text.contains("test needs_"), "{}", ran.text);
}

/// apt as the script sees it: it writes down each call, what the policy says to a service in that moment, and what the configuration
/// says that PostgreSQL's packages look into.
struct Apt {
    folder: TempDir,
}

/// Where apt knows the package and installs it.
const WELL: [(&str, &str); 2] = [("apt-cache", "exit 0"), ("apt-get", "exit 0")];

impl Apt {
    fn new(programs: [(&str, &str); 2]) -> Self {
        let apt = Self { folder: TempDir::new().unwrap() };
        let note = "\"$POLICY\" >/dev/null 2>&1\necho \"$* ($DEBIAN_FRONTEND, start: $?)\" >>\"$CALLS\"\n\
                    sed 's/^/  /' \"$CONFIGURATION\" >>\"$CALLS\" 2>/dev/null";
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

    /// Has the script install Redis: its exit code, and the calls of apt-get.
    fn install(&self) -> (Option<i32>, String) {
        self.run(&["redis-server".as_ref()])
    }

    /// Has it install PostgreSQL.
    fn install_postgres(&self) -> (Option<i32>, String) {
        let configuration = self.path("configuration");
        let setting = "create_main_cluster = false";
        self.run(&["postgresql".as_ref(), "postgresql-common".as_ref(), configuration.as_ref(), setting.as_ref()])
    }

    fn run(&self, arguments: &[&OsStr]) -> (Option<i32>, String) {
        let search_path = env::var_os("PATH").unwrap_or_default();
        let folders = [self.folder.path().to_owned()].into_iter().chain(env::split_paths(&search_path));
        let output = Command::new("sh")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/services/install.sh"))
            .arg(self.path("policy"))
            .args(arguments)
            .env("PATH", env::join_paths(folders).unwrap())
            .env("POLICY", self.path("policy"))
            .env("CONFIGURATION", self.path("configuration"))
            .env("CALLS", self.path("calls"))
            .output()
            .unwrap();
        (output.status.code(), fs::read_to_string(self.path("calls")).unwrap())
    }

    fn configuration(&self) -> String {
        fs::read_to_string(self.path("configuration")).unwrap()
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

const INSTALL_COMMON: &str = "install --yes --no-install-recommends postgresql-common (noninteractive, start: 101)\n";
const INSTALL_POSTGRES: &str = "install --yes --no-install-recommends postgresql (noninteractive, start: 101)\n";
const NO_CLUSTER: &str = "  create_main_cluster = false # Stands here while `cargo xtask test` installs a package.\n";

#[test]
fn postgres_is_installed_while_no_cluster_may_be_made() {
    let brings = "case $* in *-common) printf '# All of them\\nssl = on\\n' >\"$CONFIGURATION\" ;; esac";
    let apt = Apt::new([WELL[0], ("apt-get", brings)]);
    let calls = [INSTALL_COMMON, INSTALL_POSTGRES, "  # All of them\n  ssl = on\n", NO_CLUSTER].concat();
    assert_eq!(apt.install_postgres(), (Some(0), calls));
    assert_eq!(apt.configuration(), "# All of them\nssl = on\n");
    assert!(!apt.path("policy").exists());
}

#[test]
fn a_configuration_that_the_machine_has_is_not_installed_and_stays_as_it_is() {
    let apt = Apt::new(WELL);
    fs::write(apt.path("configuration"), "create_main_cluster = true").unwrap();
    let calls = [INSTALL_POSTGRES, "  create_main_cluster = true\n", NO_CLUSTER].concat();
    assert_eq!(apt.install_postgres(), (Some(0), calls));
    assert_eq!(apt.configuration(), "create_main_cluster = true\n");
}

#[test]
fn a_configuration_stays_as_it_is_where_an_installation_fails() {
    for (fails, code) in [("exit 100", 100), ("kill -TERM $PPID", 1)] {
        let apt = Apt::new([WELL[0], ("apt-get", fails)]);
        fs::write(apt.path("configuration"), "ssl = on\n").unwrap();
        assert_eq!(apt.install_postgres().0, Some(code));
        assert_eq!(apt.configuration(), "ssl = on\n");
        assert!(!apt.path("policy").exists());
    }
}

#[test]
fn a_setting_that_was_left_over_is_taken_away() {
    let apt = Apt::new(WELL);
    fs::write(apt.path("configuration"), format!("ssl = on\n{}", NO_CLUSTER.trim_start())).unwrap();
    assert_eq!(apt.install_postgres().0, Some(0));
    assert_eq!(apt.configuration(), "ssl = on\n");
}

#[test]
fn what_postgres_needs_first_has_to_be_installed() {
    let apt = Apt::new([WELL[0], ("apt-get", "exit 100")]);
    let calls = [INSTALL_COMMON, UPDATE].concat();
    assert_eq!(apt.install_postgres(), (Some(100), calls));
    assert!(!apt.path("configuration").exists());
    assert!(!apt.path("policy").exists());
}
