//! The page of promises has exactly what the tests print.

use crate::scratch::Scratch;

/// A workspace in which a promise's test prints a figure, with the page made from it.
fn with_figure() -> Scratch {
    let scratch = Scratch::new();
    let test =
        "#[test]\nfn a_trap_is_shut() {\n    println!(\"reliability[shut] 26 of 26\");\n    assert_eq!(1 + 1, 2);\n}\n";
    scratch.write("crates/proto/tests/it/shut.rs", test);
    scratch.replace("xtask/promises.toml", "guards", "figure = \"shut\"\nguards");
    let ran = scratch.run("cargo xtask reliability");
    assert!(ran.is_success(), "{}", ran.text);
    scratch
}

#[test]
fn the_page_holds_what_the_tests_print() {
    let scratch = with_figure();
    let page = scratch.read("docs/reliability.md");
    assert!(page.contains("## Traps\n"), "{page}");
    assert!(page.contains("| They are shut. | `shut::a_trap_is_shut` weifen-proto | 26 of 26 |\n"), "{page}");
    assert!(scratch.run("cargo xtask reliability --check").is_success());
    scratch.passes("promises");
}

#[test]
fn another_figure_is_found_and_written() {
    let scratch = with_figure();
    scratch.replace("crates/proto/tests/it/shut.rs", "26 of 26", "25 of 26");
    let ran = scratch.run("cargo xtask reliability --check");
    assert_eq!((ran.code, ran.repairs()), (Some(1), vec!["cargo xtask reliability"]), "{}", ran.text);
    assert!(scratch.run("cargo xtask reliability").is_success());
    assert!(scratch.read("docs/reliability.md").contains("25 of 26"));
}

#[test]
fn a_promise_that_is_broken_changes_no_page() {
    let scratch = with_figure();
    let page = scratch.read("docs/reliability.md");
    scratch.replace("crates/proto/tests/it/shut.rs", "1 + 1, 2", "1 + 1, 3");
    let ran = scratch.run("cargo xtask reliability");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert!(ran.text.contains("a promise is broken"), "{}", ran.text);
    assert_eq!(scratch.read("docs/reliability.md"), page);
}

#[test]
fn a_promise_whose_test_is_not_there_or_prints_no_figure_is_told() {
    let scratch = with_figure();
    scratch.replace("crates/proto/tests/it/shut.rs", "reliability[shut]", "");
    let ran = scratch.run("cargo xtask reliability");
    assert!(ran.code == Some(1) && ran.text.contains("no test printed reliability[shut]"), "{}", ran.text);
    scratch.replace("xtask/promises.toml", "shut::a_trap_is_shut", "shut::another");
    let ran = scratch.fails("promises");
    assert!(ran.text.contains("there is no test weifen-proto it shut::another"), "{}", ran.text);
}

#[test]
fn an_edited_page_is_repaired() {
    let scratch = with_figure();
    scratch.replace("docs/reliability.md", "They are shut.", "They are open.");
    scratch.is_repaired("promises", &["cargo xtask reliability"]);
}
