//! `cargo xtask test`: every suite runs, and a failure is kept.

use crate::scratch::Scratch;

const FAILING: &str = "#[test]\nfn a_trap_is_shut() {\n    assert_eq!(1 + 1, 3);\n}\n";

#[test]
fn everything_is_run_and_counted() {
    let scratch = Scratch::new();
    scratch.write("crates/proto/src/lib.rs", "//! Said.\n//!\n//! ```\n//! assert_eq!(1 + 1, 2);\n//! ```\n");
    scratch
        .write("crates/proto/examples/first.rs", "//! First.\n\nfn main() {\n    println!(\"the example ran\");\n}\n");
    let ran = scratch.run("cargo xtask test --no-services");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("test shut::a_trap_is_shut ... ok"), "{}", ran.text);
    assert!(ran.text.contains("the example ran"), "{}", ran.text);
    assert!(ran.text.contains("src/lib.rs - (line 3) ... ok"), "{}", ran.text);
    assert!(ran.text.contains("4 suites, 0 failures"), "{}", ran.text);
    assert!(!ran.text.contains("leaves out"), "{}", ran.text);
}

#[test]
fn a_failing_test_keeps_its_exit_code_and_stops_no_other_suite() {
    let scratch = Scratch::new();
    scratch.write("crates/proto/tests/it/shut.rs", FAILING);
    scratch.write("crates/proto/src/lib.rs", "//! Said.\n//!\n//! ```\n//! assert_eq!(1 + 1, 2);\n//! ```\n");
    let ran = scratch.run("cargo xtask test");
    assert_eq!(ran.code, Some(101), "{}", ran.text);
    assert!(ran.text.contains("src/lib.rs - (line 3) ... ok"), "{}", ran.text);
    let again = "cargo xtask test --package weifen-proto shut::a_trap_is_shut -- --exact";
    let end = format!(
        "\nfailed: weifen-proto it shut::a_trap_is_shut\n  crates/proto/tests/it/shut.rs:3:5: assertion `left == right` \
         failed\n  again: {again}\n3 suites, 1 failure\n"
    );
    assert!(ran.text.contains(&end), "{}", ran.text);
    let ran = scratch.run(again);
    assert!(ran.text.contains("running 1 test\ntest shut::a_trap_is_shut ... FAILED"), "{}", ran.text);
    assert!(ran.text.contains("2 suites, 1 failure\n"), "{}", ran.text);
}

#[test]
fn a_test_that_passes_when_it_is_retried_is_named_as_flaky() {
    let scratch = Scratch::new();
    let passes_twice = "#[test]\nfn a_trap_is_shut() {\n    assert!(std::fs::create_dir(\"seen\").is_err());\n}\n";
    scratch.write("crates/proto/tests/it/shut.rs", passes_twice);
    let ran = scratch.run("cargo xtask test --retry");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("\nflaky: weifen-proto it shut::a_trap_is_shut\n"), "{}", ran.text);
    assert!(ran.text.contains("\n3 suites, 0 failures, 1 flaky\n"), "{}", ran.text);
    scratch.write("crates/proto/tests/it/shut.rs", FAILING);
    let ran = scratch.run("cargo xtask test --retry");
    assert_eq!(ran.code, Some(101), "{}", ran.text);
    assert!(ran.text.contains("\nfailed: weifen-proto it shut::a_trap_is_shut\n"), "{}", ran.text);
}

#[test]
fn tests_that_do_not_build_fail_with_the_compilers_word() {
    let scratch = Scratch::new();
    scratch.write("crates/proto/tests/it/shut.rs", "#[test]\nfn a_trap_is_shut() {\n    missing();\n}\n");
    let ran = scratch.run("cargo xtask test a_trap");
    assert_eq!(ran.code, Some(101), "{}", ran.text);
    assert!(ran.text.contains("\nfailed: cargo test --no-fail-fast --all-targets --workspace"), "{}", ran.text);
    assert!(ran.text.contains("\n  error: could not compile `weifen-proto` (test \"it\")"), "{}", ran.text);
}

#[test]
fn a_failing_doc_test_fails() {
    let scratch = Scratch::new();
    scratch.write("crates/proto/src/lib.rs", "//! Said.\n//!\n//! ```\n//! assert_eq!(1 + 1, 3);\n//! ```\n");
    let ran = scratch.run("cargo xtask test");
    assert_eq!(ran.code, Some(101), "{}", ran.text);
    let again = "cargo xtask test --package weifen-proto crates/proto/src/lib.rs";
    assert!(ran.text.contains("failed: weifen-proto doc crates/proto/src/lib.rs - (line 3)\n"), "{}", ran.text);
    assert!(ran.text.contains(&format!("\n  again: {again}\n")), "{}", ran.text);
    assert!(scratch.run(again).text.contains("2 suites, 1 failure\n"), "{}", ran.text);
}

#[test]
fn a_package_without_a_library_has_no_doc_tests() {
    let scratch = Scratch::new();
    std::fs::rename(scratch.path("crates/proto/src/lib.rs"), scratch.path("crates/proto/src/main.rs")).unwrap();
    scratch.write("crates/proto/src/main.rs", "//! Said.\n\nfn main() {}\n");
    let ran = scratch.run("cargo xtask test --package weifen-proto shut");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("1 suite, 0 failures"), "{}", ran.text);
}

#[test]
fn an_example_has_to_end_well_unless_the_package_says_why_it_is_not_run() {
    let scratch = Scratch::new();
    scratch.write("crates/proto/examples/serve.rs", "//! Serves.\n\nfn main() {\n    std::process::exit(7);\n}\n");
    let ran = scratch.run("cargo xtask test");
    assert_eq!(ran.code, Some(7), "{}", ran.text);
    assert!(
        ran.text.contains("failed: cargo run --package weifen-proto --all-features --example serve"),
        "{}",
        ran.text
    );
    let manifest = scratch.read("crates/proto/Cargo.toml");
    let reason = "\n[package.metadata.xtask.examples-not-run]\nserve = \"serves until it is stopped\"\n";
    scratch.write("crates/proto/Cargo.toml", &(manifest + reason));
    let ran = scratch.run("cargo xtask test");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("not run: serves until it is stopped"), "{}", ran.text);
}

#[test]
fn an_example_that_does_not_build_fails() {
    let scratch = Scratch::new();
    scratch.write("crates/proto/examples/first.rs", "//! First.\n\nfn main() {\n    missing();\n}\n");
    let ran = scratch.run("cargo xtask test");
    assert!(!ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("failed: cargo build --quiet --examples"), "{}", ran.text);
}

#[test]
fn arguments_narrow_the_tests() {
    let scratch = Scratch::new();
    scratch.write("crates/transport/src/lib.rs", "#![doc = \"\"]\n#[test]\nfn no() {\n    panic!();\n}\n");
    let ran = scratch.run("cargo xtask test --package weifen-proto");
    assert!(ran.is_success(), "{}", ran.text);
    let ran = scratch.run("cargo xtask test a_trap");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains("test shut::a_trap_is_shut ... ok"), "{}", ran.text);
    assert!(ran.text.contains("2 suites, 0 failures"), "{}", ran.text);
}

#[test]
fn a_snapshot_that_no_test_asks_for_is_found_and_repaired() {
    let scratch = Scratch::new();
    let folder = "crates/proto/tests/it/snapshots";
    let header = "---\nsource: crates/proto/tests/it/shut.rs\n---\n1\n";
    scratch.write(&format!("{folder}/asked.snap"), header);
    scratch.write(&format!("{folder}/left.snap"), header);
    // As insta does for each snapshot that a test uses.
    scratch.write(
        "crates/proto/tests/it/shut.rs",
        r#"#[test]
fn a_trap_is_shut() {
    let snapshot = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/snapshots/asked.snap\n");
    if let Some(references) = std::env::var_os("INSTA_SNAPSHOT_REFERENCES_FILE") {
        std::fs::write(references, snapshot).unwrap();
    }
}
"#,
    );
    let ran = scratch.run("cargo xtask test");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert_eq!(ran.repairs(), ["rm -- 'crates/proto/tests/it/snapshots/left.snap'"], "{}", ran.text);
    scratch.run(ran.repairs()[0]);
    let ran = scratch.run("cargo xtask test");
    assert!(ran.is_success(), "{}", ran.text);
}

#[test]
fn ci_runs_the_tests_though_a_check_failed() {
    let scratch = Scratch::new();
    scratch.write("docs/configuration.md", "edited\n");
    let ran = scratch.run("cargo xtask ci");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert!(ran.text.contains("1 failed: config"), "{}", ran.text);
    assert!(ran.text.contains("test shut::a_trap_is_shut ... ok"), "{}", ran.text);
}
