//! The program's arguments, output and exit codes.

use std::process::{Command, Output};

fn chaos(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask-chaos")).args(args).output().unwrap()
}

#[test]
fn a_run_prints_its_seed_and_a_table() {
    let output = chaos(&["--seconds", "2", "--rate", "50", "--seed", "7"]);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{printed}");
    assert!(printed.starts_with("chaos with seed 7: 50 calls a second for 2 s\n"), "{printed}");
    assert!(printed.contains("\norder_report ") && printed.contains(", 0 violations"), "{printed}");
}

#[test]
fn a_run_that_makes_no_sense_is_refused() {
    for args in [["--seconds", "0"], ["--rate", "0"], ["--seed", "x"], ["--calls", "1"]] {
        assert_eq!(chaos(&args).status.code(), Some(2), "{args:?}");
    }
}
