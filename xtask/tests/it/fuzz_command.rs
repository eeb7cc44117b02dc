//! `cargo xtask fuzz`: the tools that it needs, and the commands that it runs.

use crate::scratch::Scratch;

/// A rustup that has a nightly toolchain.
const RUSTUP: &str = "[ \"$1 $2\" = 'run nightly' ] && shift 2 && exec \"$@\"";

/// A workspace with a corpus of two targets, this rustup and this cargo-fuzz.
fn scratch(rustup: &str, cargo_fuzz: &str) -> Scratch {
    let scratch = Scratch::new();
    scratch.write("xtask/fuzz-targets/corpus/answer/empty", "");
    scratch.write("xtask/fuzz-targets/corpus/push/empty", "");
    scratch.write_program("rustup", rustup);
    scratch.write_program("cargo-fuzz", cargo_fuzz);
    scratch
}

#[test]
fn an_unknown_target_is_refused_with_the_known_ones() {
    let ran = scratch(RUSTUP, "echo cargo-fuzz 1").run("cargo xtask fuzz pusch");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert!(ran.text.contains("there is no target pusch; the targets are answer, push"), "{}", ran.text);
}

#[test]
fn each_target_is_run_for_the_time_given_until_one_is_broken() {
    let cargo_fuzz = "echo cargo-fuzz \"$@\"\ncase \"$*\" in *answer*) exit 77;; esac";
    let ran = scratch(RUSTUP, cargo_fuzz).run("cargo xtask fuzz --seconds 7");
    assert_eq!(ran.code, Some(77), "{}", ran.text);
    assert!(ran.text.contains("-max_total_time=7"), "{}", ran.text);
    assert!(ran.text.contains("put it into xtask/fuzz-targets/corpus/answer"), "{}", ran.text);
    assert!(!ran.text.contains("corpus/push"), "{}", ran.text);
}
