//! `cargo xtask check`: each check is broken, fails, and is repaired by the very command that it prints.

use crate::scratch::Scratch;

#[test]
fn a_sound_tree_passes_every_check() {
    let scratch = Scratch::new();
    let ran = scratch.check("");
    assert!(ran.is_success(), "{}", ran.text);
    assert!(ran.text.contains(" checks, all passed"), "{}", ran.text);
}

#[test]
fn a_failing_check_does_not_stop_the_others() {
    let scratch = Scratch::new();
    scratch.write("crates/proto/src/lib.rs", "//! What is said.\n\n  /// One.\npub const ONE: u8 = 1;\n");
    let ran = scratch.check("fixtures fmt arrows");
    assert_eq!(ran.code, Some(1));
    assert!(ran.text.contains("3 checks, 1 failed: fmt"), "{}", ran.text);
    assert!(ran.text.contains("arrows     ok"), "{}", ran.text);
}

#[test]
fn an_unknown_check_is_refused_with_the_known_ones() {
    let ran = Scratch::new().fails("formatting");
    assert!(ran.text.contains("unknown check formatting; the checks are fmt,"), "{}", ran.text);
}

#[test]
fn bad_format_is_repaired() {
    let scratch = Scratch::new();
    scratch.write("crates/proto/src/lib.rs", "//! What is said.\n\n  /// One.\npub const ONE: u8 =1;\n");
    scratch.is_repaired("fmt", &["cargo fmt --all"]);
}

#[test]
fn a_lint_is_repaired() {
    let scratch = Scratch::new();
    let source = "//! What is said.\n\n/// One.\npub fn one() -> u8 {\n    return 1;\n}\n";
    scratch.write("crates/proto/src/lib.rs", source);
    scratch.is_repaired(
        "clippy",
        &["cargo clippy --fix --workspace --all-targets --all-features --allow-dirty --allow-staged --allow-no-vcs"],
    );
    assert!(!scratch.read("crates/proto/src/lib.rs").contains("return"));
}

#[test]
fn a_warning_of_rustdoc_is_shown_with_its_place() {
    let scratch = Scratch::new();
    scratch.write("crates/proto/src/lib.rs", "//! What [`Nobody`] says.\n");
    let ran = scratch.fails("docs");
    assert!(ran.text.contains("crates/proto/src/lib.rs:1"), "{}", ran.text);
}

#[test]
fn an_edited_block_is_repaired() {
    let scratch = Scratch::new();
    scratch.write("docs/protocol/page.md", "```json fixture=proto/answer.json\n{\"status\": 200}\n```\n");
    scratch.run("cargo xtask fixtures");
    scratch.passes("fixtures");
    scratch.replace("docs/protocol/page.md", "200", "0");
    scratch.is_repaired("fixtures", &["cargo xtask fixtures"]);
    assert_eq!(scratch.read("crates/proto/fixtures/answer.json"), "{\"status\": 0}\n");
}

#[test]
fn a_changed_cassette_is_repaired() {
    let scratch = Scratch::new();
    scratch.write("crates/transport/cassette.txt", "edited\n");
    scratch.is_repaired("cassettes", &["cargo xtask record"]);
}

#[test]
fn a_page_of_keys_that_is_behind_the_table_is_repaired() {
    let scratch = Scratch::new();
    scratch.write("docs/configuration.md", "edited\n");
    scratch.is_repaired("config", &["cargo xtask configuration"]);
}

#[test]
fn a_chinese_page_that_lags_is_named_with_what_changed_and_fails_nothing() {
    let scratch = Scratch::new();
    let english = "# A page\n\nAs it was.\n\n## Kept\n\nSome\nwords.\n\n```sh\n# no heading\n```\n\n## Dropped\n";
    scratch.write("docs/page.md", english);
    scratch.write("docs/zh/page.md", "# 页\n");
    scratch.run("cargo xtask translated docs/zh/page.md docs/zh/README.md");
    assert!(!scratch.check("chinese").text.contains("lags"));
    scratch.replace("docs/page.md", "Some\nwords", "Some words");
    scratch.replace("docs/page.md", "As it was", "As it is");
    scratch.replace("docs/page.md", "## Dropped", "## Added");
    let ran = scratch.check("chinese");
    assert!(ran.is_success(), "{}", ran.text);
    let lag = "docs/zh/page.md lags behind docs/page.md in: A page; Added; Dropped\n";
    assert!(ran.text.contains(lag), "{}", ran.text);
    let repair = "later: rewrite these sections, then cargo xtask translated docs/zh/page.md\n";
    assert!(ran.text.contains(repair), "{}", ran.text);
    scratch.run("cargo xtask translated docs/zh/page.md");
    assert!(!scratch.check("chinese").text.contains("lags"));
}

#[test]
fn an_arrow_against_the_layers_is_repaired() {
    let scratch = Scratch::new();
    let manifest = "crates/transport/Cargo.toml";
    scratch.add_below(manifest, "[dependencies]", "weifen-sandbox.workspace = true");
    scratch.is_repaired("arrows", &["cargo remove --package weifen-transport weifen-sandbox"]);
}

#[test]
fn tests_of_a_client_may_use_the_sandbox_and_those_of_the_sandbox_no_client() {
    let scratch = Scratch::new();
    let transport = scratch.read("crates/transport/Cargo.toml");
    let tests = "\n[dev-dependencies]\nweifen-sandbox.workspace = true\n";
    scratch.write("crates/transport/Cargo.toml", &(transport.clone() + tests));
    scratch.passes("arrows");
    scratch.write("crates/transport/Cargo.toml", &transport);
    let sandbox = scratch.read("crates/sandbox/Cargo.toml");
    let tests = "\n[dev-dependencies]\nweifen-transport.workspace = true\n";
    scratch.write("crates/sandbox/Cargo.toml", &(sandbox + tests));
    scratch.is_repaired("arrows", &["cargo remove --package weifen-sandbox --dev weifen-transport"]);
}

#[test]
fn an_arrow_that_hides_behind_a_re_export_is_found() {
    let scratch = Scratch::new();
    let detour = ["use weifen_transport", "proto", "Vendor;\n"].join("::");
    scratch.write("crates/transport/tests/own.rs", &detour);
    scratch.passes("arrows");
    scratch.write("crates/sandbox/tests/detour.rs", &detour);
    let ran = scratch.check("arrows");
    let found = "crates/sandbox/tests/detour.rs reaches weifen-proto through weifen-transport";
    assert!(ran.text.contains(found), "{}", ran.text);
}

#[test]
fn a_dependency_on_xtask_is_repaired() {
    let scratch = Scratch::new();
    scratch.write("xtask/record/src/lib.rs", "//! A library.\n");
    let manifest = "crates/transport/Cargo.toml";
    scratch.add_below(manifest, "[dependencies]", "xtask-record = { path = \"../../xtask/record\" }");
    scratch.is_repaired("arrows", &["cargo remove --package weifen-transport xtask-record"]);
}

#[test]
fn every_package_may_start_services_in_its_tests_and_only_there() {
    let scratch = Scratch::new();
    let dependency = scratch.add_services();
    let sandbox = scratch.read("crates/sandbox/Cargo.toml");
    scratch.write("crates/sandbox/Cargo.toml", &format!("{sandbox}\n[dev-dependencies]\n{dependency}\n"));
    scratch.passes("arrows");
    scratch.write("crates/sandbox/Cargo.toml", &format!("{sandbox}\n[dependencies]\n{dependency}\n"));
    scratch.is_repaired("arrows", &["cargo remove --package weifen-sandbox xtask-services"]);
    let services = scratch.read("xtask/services/Cargo.toml");
    scratch.write(
        "xtask/services/Cargo.toml",
        &format!("{services}\n[dev-dependencies]\nweifen-sandbox = {{ path = \"../../crates/sandbox\" }}\n"),
    );
    scratch.is_repaired("arrows", &["cargo remove --package xtask-services --dev weifen-sandbox"]);
}

#[test]
fn a_page_that_names_another_version_is_told_with_its_line() {
    let scratch = Scratch::new();
    scratch.write(
        "docs/page.md",
        "# A page\n\n```toml\nweifen-proto = \"0.1\"\n```\n\nOr `weifen-proto = { version = \"0.2\" }`.\n",
    );
    let ran = scratch.fails("manifests");
    assert!(ran.text.contains("docs/page.md:7: weifen-proto 0.2, and the workspace has 0.1.0"), "{}", ran.text);
    assert!(!ran.text.contains("docs/page.md:4"), "{}", ran.text);
}

#[test]
fn the_measures_count_code_outside_of_tests_and_question_words_of_item_docs() {
    let scratch = Scratch::new();
    let count = || {
        let ran = scratch.run("cargo xtask measures");
        let lines = ran.text.lines().filter_map(|line| line.split_once(": "));
        let first = |text: &str| text.split(' ').next().unwrap_or_default().parse::<f64>().unwrap_or_default();
        lines.map(|(_, text)| first(text)).collect::<Vec<_>>()
    };
    let before = count();
    let doc = format!("/// What it is.{}", " words".repeat(20));
    let source = format!("//! It says.\n\n{doc}\npub const ONE: u8 = 1;\n\n#[cfg(test)]\nmod tests {{}}\n");
    scratch.write("crates/proto/src/more.rs", &source);
    let after = count();
    let [code, _, questions, long] = after[..] else { panic!("{after:?}") };
    assert_eq!((code, long), (before[0] + 1.0, before[3] + 1.0), "{before:?}, {after:?}");
    assert!(questions > before[2], "{before:?}, {after:?}");
}

#[test]
fn a_speller_is_asked_where_it_is_installed() {
    let scratch = Scratch::new();
    scratch.write_program("typos", "exit 127");
    let ran = scratch.check("typos");
    assert!(ran.is_success() && ran.text.contains("not checked: typos is not installed"), "{}", ran.text);
    scratch.write_program("typos", "[ \"$1\" = --version ] && exit\necho \"README.md:1:1: error\"\nexit 2");
    let ran = scratch.fails("typos");
    assert!(ran.text.contains("README.md:1:1: error"), "{}", ran.text);
    assert_eq!(ran.repairs(), ["typos --write-changes"]);
}

#[test]
fn a_client_beside_the_transport_is_repaired() {
    for client in ["reqwest", "hyper-rustls"] {
        let scratch = Scratch::new();
        vendor(&scratch, client, "");
        let dependency = format!("{client} = {{ path = \"../../vendor/{client}\" }}");
        scratch.add_below("crates/facade/Cargo.toml", "[dependencies]", &dependency);
        scratch.is_repaired("arrows", &[&format!("cargo remove --package weifen {client}")]);
    }
}

#[test]
fn a_package_of_no_layer_is_named() {
    let scratch = Scratch::new();
    scratch.write(
        "crates/extra/Cargo.toml",
        "[package]\nname = \"weifen-extra\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    scratch.write("crates/extra/src/lib.rs", "//! More.\n");
    let ran = scratch.fails("arrows");
    assert!(ran.text.contains("weifen-extra has no layer"), "{}", ran.text);
    assert!(ran.text.contains("by hand: give weifen-extra its place"), "{}", ran.text);
}

#[test]
fn a_runtime_below_a_dependency_of_proto_is_found() {
    let scratch = Scratch::new();
    vendor(&scratch, "tokio", "");
    vendor(&scratch, "handy", "tokio = { path = \"../tokio\" }\n");
    let manifest = scratch.read("crates/proto/Cargo.toml");
    let dependency = "\n[dependencies]\nhandy = { path = \"../../vendor/handy\" }\n";
    scratch.write("crates/proto/Cargo.toml", &(manifest + dependency));
    let ran = scratch.fails("purity");
    assert!(ran.text.contains("weifen-proto has tokio in its tree with --all-features"), "{}", ran.text);
}

#[test]
fn a_client_below_a_bare_transport_is_found() {
    let scratch = Scratch::new();
    vendor(&scratch, "hyper", "");
    let manifest = "crates/transport/Cargo.toml";
    scratch.add_below(manifest, "[dependencies]", "hyper = { path = \"../../vendor/hyper\" }");
    let ran = scratch.fails("purity");
    assert!(ran.text.contains("weifen-transport has hyper in its tree with --no-default-features"), "{}", ran.text);
}

#[test]
fn reqwest_by_a_feature_of_another_name_is_found() {
    let scratch = Scratch::new();
    vendor(&scratch, "reqwest", "");
    let manifest = scratch.read("crates/transport/Cargo.toml");
    let optional = "reqwest = { path = \"../../vendor/reqwest\", optional = true }\n";
    let features = "\n[features]\nreqwest = [\"dep:reqwest\"]\nfull = [\"reqwest\"]\n";
    scratch.write("crates/transport/Cargo.toml", &format!("{manifest}{optional}{features}"));
    scratch.passes("purity");
    scratch.write("crates/transport/Cargo.toml", &format!("{manifest}{optional}{features}mock = [\"dep:reqwest\"]\n"));
    let ran = scratch.fails("purity");
    assert!(ran.text.contains("has reqwest in its tree with --no-default-features --features mock"), "{}", ran.text);
}

#[test]
fn what_no_feature_of_the_facade_turns_on_is_named() {
    let scratch = Scratch::new();
    scratch.add_below("crates/proto/Cargo.toml", "[features]", "fensi = []");
    scratch.replace("crates/facade/Cargo.toml", "sandbox = [\"dep:weifen-sandbox\"]\n", "");
    scratch.replace("crates/facade/Cargo.toml", "weifen-sandbox = { workspace = true, optional = true }\n", "");
    let ran = scratch.fails("facade");
    assert!(ran.text.contains("no feature of weifen turns on feature fensi of weifen-proto"), "{}", ran.text);
    assert!(ran.text.contains("no feature of weifen turns on weifen-sandbox"), "{}", ran.text);
}

#[test]
fn a_guard_without_a_test_needs_a_person() {
    let scratch = Scratch::new();
    let text = scratch.read("docs/protocol/traps.md");
    let lost = text.replacen("shut::a_trap_is_shut", "nowhere::else_to_be_found", 1);
    scratch.write("docs/protocol/traps.md", &lost);
    let ran = scratch.fails("traps");
    let words = "docs/protocol/traps.md:5: T01: there is no test weifen-proto it nowhere::else_to_be_found";
    assert!(ran.text.contains(words), "{}", ran.text);
    assert!(ran.text.contains("by hand: write the missing test"), "{}", ran.text);
    assert_eq!(ran.repairs(), [""; 0]);
}

#[test]
fn a_trap_without_a_guard_and_a_trap_left_out_are_found() {
    let scratch = Scratch::new();
    let guard = "- Guard: weifen-proto it shut::a_trap_is_shut\n";
    let text = scratch.read("docs/protocol/traps.md");
    scratch.write("docs/protocol/traps.md", &text.replacen(guard, "", 1).replacen("## T26", "## T27", 1));
    let ran = scratch.fails("traps");
    assert!(ran.text.contains("docs/protocol/traps.md:3: T01 has no guard"), "{}", ran.text);
    assert!(ran.text.contains("T27 stands where T26 is expected"), "{}", ran.text);
}

#[test]
fn a_guard_in_another_form_is_found() {
    let scratch = Scratch::new();
    let text = scratch.read("docs/protocol/traps.md");
    scratch.write("docs/protocol/traps.md", &text.replacen("weifen-proto it shut", "shut", 1));
    let ran = scratch.fails("traps");
    assert!(
        ran.text.contains("docs/protocol/traps.md:5: `- Guard: shut::a_trap_is_shut` is not a guard"),
        "{}",
        ran.text
    );
}

#[test]
fn a_guard_that_is_ignored_guards_nothing() {
    let scratch = Scratch::new();
    scratch.replace("crates/proto/tests/it/shut.rs", "#[test]", "#[test]\n#[ignore = \"slow\"]");
    let ran = scratch.fails("traps");
    assert!(ran.text.contains("T26: the test weifen-proto it shut::a_trap_is_shut is ignored"), "{}", ran.text);
}

/// A package from outside the workspace.
fn vendor(scratch: &Scratch, name: &str, dependencies: &str) {
    scratch.write(
        &format!("vendor/{name}/Cargo.toml"),
        &format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}"
        ),
    );
    scratch.write(&format!("vendor/{name}/src/lib.rs"), "");
}
