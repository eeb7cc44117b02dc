//! The committed corpus, replayed on a small stack.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;

use xtask_fuzz_targets::{TARGETS, Target};

/// Size of the stack, in bytes: an eighth of a thread's default.
const STACK: usize = 256 * 1024;
/// The same for a configuration, which a program reads on its main thread, with a larger stack: without optimization,
/// the TOML parser's 80 levels take more than a quarter of a mebibyte.
const STACK_OF_CONFIGURATION: usize = 512 * 1024;
/// Largest size of an input of the corpus, in bytes.
const LONGEST: u64 = 4096;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(here(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Runs a target on a small stack. An overflow ends the whole test program, under the input's name.
fn run(name: &str, target: Target, data: Vec<u8>) -> Result<(), String> {
    let run = move || catch_unwind(AssertUnwindSafe(|| target(&data)));
    let stack = if name.starts_with("corpus/configuration/") { STACK_OF_CONFIGURATION } else { STACK };
    let thread = thread::Builder::new().name(name.to_owned()).stack_size(stack).spawn(run).unwrap();
    thread
        .join()
        .unwrap()
        .map_err(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "it panicked".to_owned()))
}

#[test]
fn no_input_of_the_corpus_breaks_a_promise() {
    let (mut broken, mut inputs) = (Vec::new(), 0);
    for (target, run_target) in TARGETS {
        for name in names(&format!("corpus/{target}")) {
            inputs += 1;
            let path = format!("corpus/{target}/{name}");
            if let Err(how) = run(&path, run_target, fs::read(here(&path)).unwrap()) {
                broken.push(format!("{path}: {how}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    println!(
        "reliability[corpus] {inputs} inputs of {} targets, on a stack of {} KiB ({} for the configuration)",
        TARGETS.len(),
        STACK / 1024,
        STACK_OF_CONFIGURATION / 1024,
    );
}

#[test]
fn every_target_has_a_corpus_and_a_program_of_the_harness() {
    let targets: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("corpus"), targets, "a folder a target");
    assert_eq!(names("../fuzz/fuzz_targets"), targets.iter().map(|name| format!("{name}.rs")).collect());
    let manifest: toml::Table = fs::read_to_string(here("../fuzz/Cargo.toml")).unwrap().parse().unwrap();
    let programs = manifest["bin"].as_array().unwrap().iter();
    let programs: BTreeSet<_> = programs.map(|program| program["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(programs, targets, "a [[bin]] a target");
}

#[test]
fn the_corpus_stays_small() {
    let mut count = 0;
    for (target, _) in TARGETS {
        let files = names(&format!("corpus/{target}"));
        assert!(!files.is_empty(), "{target} has no corpus");
        count += files.len();
        for name in files {
            let length = fs::metadata(here(&format!("corpus/{target}/{name}"))).unwrap().len();
            assert!(length <= LONGEST, "corpus/{target}/{name} has {length} bytes");
        }
    }
    assert!(count < 500, "{count} files: `cargo fuzz cmin` leaves out those that add nothing");
}

#[test]
fn a_broken_promise_and_its_words_are_seen() {
    let how = run("b", |data| assert_eq!(data, b"a", "not {}", "a"), b"b".to_vec()).unwrap_err();
    assert!(how.contains("not a"), "{how}");
}
