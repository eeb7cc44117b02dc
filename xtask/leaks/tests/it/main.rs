//! The search for secrets as an ordinary test, without the slow cases.

use std::process::{Command, Output};

fn leaks(arguments: &[&str]) -> (Output, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask-leaks")).args(arguments).output().unwrap();
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output, printed)
}

/// Builds `weifen`: cargo builds only a package's own programs for its tests, and this one runs another's. It is built
/// as all tests are, so that nothing is left to do where they are built.
fn build_the_command_line() {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--workspace", "--all-features", "--bin", "weifen"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.unwrap().success());
}

/// Returns the names of all channels, from the error for an unknown one.
fn channels() -> Vec<String> {
    let (_, printed) = leaks(&["--channel", "telegraph"]);
    let names = printed.lines().next().and_then(|line| line.strip_prefix("Error: no channel `telegraph`: ")).unwrap();
    names.split(", ").map(str::to_owned).collect()
}

#[test]
fn nothing_prints_a_secret_and_a_planted_leak_is_found_in_each_channel() {
    build_the_command_line();
    let (output, printed) = leaks(&["--quick"]);
    assert!(output.status.success(), "{printed}");
    let channels = channels();
    for channel in &channels {
        let row = printed.lines().find(|line| line.split_whitespace().next() == Some(channel));
        let is_good = |row: &str| row.contains("  0 hits in ") && row.ends_with("KiB; planted leak: found");
        assert!(row.is_some_and(is_good), "{channel}: {printed}");
    }
    let verdict = format!("reliability[leaks] 0 hits in {} channels; a planted leak is found in each", channels.len());
    assert!(printed.lines().any(|line| line == verdict), "{printed}");
    println!("{verdict}");
}

#[test]
fn a_leak_is_named_with_its_channel_and_fails() {
    let (output, printed) = leaks(&["--quick", "--plant", "values"]);
    assert!(!output.status.success(), "{printed}");
    assert!(printed.contains("leaks in: values") && printed.contains("‹WeitingSecret›"), "{printed}");
}

#[test]
fn a_channel_that_is_not_there_is_refused() {
    let (output, printed) = leaks(&["--plant", "telegraph"]);
    assert!(!output.status.success(), "{printed}");
    assert!(printed.contains("no channel `telegraph`: values, log, errors"), "{printed}");
}
