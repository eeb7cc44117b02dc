//! `cargo xtask supply`: the tools that it calls.

use crate::scratch::Scratch;

#[test]
fn a_tool_that_is_missing_is_named_with_the_command_that_installs_it() {
    let scratch = Scratch::new();
    scratch.write_program("cargo-deny", "exit 1");
    let ran = scratch.run("cargo xtask supply deny");
    assert_eq!((ran.code, ran.repairs()), (Some(1), vec!["cargo install --locked cargo-deny"]), "{}", ran.text);
}

#[test]
fn what_a_tool_finds_is_shown() {
    let scratch = Scratch::new();
    scratch.write_program("cargo-hack", "[ \"$2\" = --version ] && exit\necho \"$@\"\nexit 1");
    let ran = scratch.run("cargo xtask supply facade");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert!(
        ran.text.contains("--feature-powerset --depth 2 --keep-going --package weifen -- -D warnings"),
        "{}",
        ran.text
    );
}

#[test]
fn public_items_are_compared_with_those_of_the_newest_tag() {
    let scratch = Scratch::new();
    scratch.write_program("cargo-semver-checks", "[ \"$2\" = --version ] && exit\necho \"$@\"\nexit 1");
    let git = "git -c user.name=a -c user.email=a@example.com";
    scratch.run(&format!("git init -q && {git} commit -q --allow-empty -m first"));
    let ran = scratch.run("cargo xtask supply semver");
    assert!(ran.is_success() && ran.text.contains("no release is tagged yet"), "{}", ran.text);
    scratch.run("git tag v0.1.0");
    let ran = scratch.run("cargo xtask supply semver");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert!(ran.text.contains("--workspace --baseline-rev v0.1.0"), "{}", ran.text);
}
