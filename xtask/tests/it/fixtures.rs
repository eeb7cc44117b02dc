//! `cargo xtask fixtures`: from marked blocks to files.

use crate::scratch::{Ran, Scratch};

const PAGE: &str = "docs/protocol/page.md";

fn made(scratch: &Scratch, page: &str) {
    scratch.write(PAGE, page);
    let ran = scratch.run("cargo xtask fixtures");
    assert!(ran.is_success(), "{}", ran.text);
}

fn refused(page: &str) -> Ran {
    let scratch = Scratch::new();
    scratch.write(PAGE, page);
    let ran = scratch.run("cargo xtask fixtures");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert!(!scratch.path("crates/proto/fixtures").exists(), "{}", ran.text);
    ran
}

fn block(info: &str, text: &str) -> String {
    format!("# Page\n\n```{info}\n{text}\n```\n")
}

#[test]
fn a_block_becomes_its_files_with_a_final_newline() {
    let scratch = Scratch::new();
    let text = "{\n    \"errMsg\": \"code 已过期\"\n}";
    made(&scratch, &block("json fixture=proto/a/refusal.json,transport/refusal.json", text));
    let due = format!("{text}\n");
    assert_eq!(scratch.read("crates/proto/fixtures/a/refusal.json"), due);
    assert_eq!(scratch.read("crates/transport/fixtures/refusal.json"), due);
    assert!(scratch.read("crates/proto/fixtures/README.md").contains("Made by `cargo xtask fixtures`"));
}

#[test]
fn a_second_run_writes_nothing() {
    let scratch = Scratch::new();
    made(&scratch, &block("json fixture=proto/answer.json", "{}"));
    let ran = scratch.run("cargo xtask fixtures");
    assert!(ran.text.contains("fixtures: 0 written or deleted"), "{}", ran.text);
}

#[test]
fn a_file_whose_block_is_gone_is_deleted() {
    let scratch = Scratch::new();
    made(&scratch, &block("json fixture=proto/a/answer.json", "{}"));
    made(&scratch, "# Page\n");
    assert!(!scratch.path("crates/proto/fixtures/a/answer.json").exists());
    assert!(!scratch.path("crates/proto/fixtures/README.md").exists());
}

#[test]
fn a_folder_that_it_did_not_make_is_left_alone() {
    let scratch = Scratch::new();
    scratch.write("crates/sandbox/fixtures/own.json", "{}\n");
    made(&scratch, &block("json fixture=proto/answer.json", "{}"));
    assert_eq!(scratch.read("crates/sandbox/fixtures/own.json"), "{}\n");
}

#[test]
fn check_shows_the_edited_file_its_block_and_the_command() {
    let scratch = Scratch::new();
    made(&scratch, &block("json fixture=proto/answer.json", "{\n  \"status\": 200\n}"));
    scratch.replace("crates/proto/fixtures/answer.json", "200", "0");
    let ran = scratch.run("cargo xtask fixtures --check");
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.text.contains("crates/proto/fixtures/answer.json differs from docs/protocol/page.md:3"),
        "{}",
        ran.text
    );
    assert_eq!(ran.repairs(), ["cargo xtask fixtures"]);
    scratch.run("cargo xtask fixtures");
    assert!(scratch.run("cargo xtask fixtures --check").is_success());
}

#[test]
fn check_sees_a_missing_a_strange_and_an_unreadable_file() {
    let scratch = Scratch::new();
    let page = block("json fixture=proto/a.json,proto/b.json", "{}");
    made(&scratch, &page);
    scratch.run("rm crates/proto/fixtures/a.json; printf '\\377' > crates/proto/fixtures/b.json");
    scratch.write("crates/proto/fixtures/deep/c.json", "{}\n");
    let ran = scratch.run("cargo xtask fixtures --check");
    assert_eq!(ran.code, Some(1));
    assert!(ran.text.contains("crates/proto/fixtures/a.json is missing"), "{}", ran.text);
    assert!(ran.text.contains("crates/proto/fixtures/b.json differs from docs/protocol/page.md:3"), "{}", ran.text);
    assert!(ran.text.contains("crates/proto/fixtures/deep/c.json comes from no block"), "{}", ran.text);
}

#[test]
fn a_target_that_two_blocks_make_is_refused() {
    let page = block("json fixture=proto/a.json", "{}") + &block("json fixture=proto/a.json", "[]");
    let ran = refused(&page);
    let words = "docs/protocol/page.md:8: fixture proto/a.json is already made from docs/protocol/page.md:3";
    assert!(ran.text.contains(words), "{}", ran.text);
}

#[test]
fn a_target_in_no_crate_is_refused() {
    let ran = refused(&block("json fixture=prot/a.json", "{}"));
    assert!(
        ran.text.contains("docs/protocol/page.md:3: fixture prot/a.json: there is no crate crates/prot"),
        "{}",
        ran.text
    );
}

#[test]
fn a_target_outside_its_folder_is_refused() {
    for target in
        ["proto/../../x.json", "/proto/x.json", "proto/", "proto", "../x.json", "proto/README.md", "proto/a\\b.json"]
    {
        let ran = refused(&block(&format!("json fixture={target}"), "{}"));
        assert!(ran.text.contains("docs/protocol/page.md:3: fixture"), "{target}: {}", ran.text);
    }
}

#[test]
fn json_that_is_none_is_refused() {
    let ran = refused(&block("json fixture=proto/a.json", "{\n  \"status\": 200,\n}"));
    assert!(ran.text.contains("docs/protocol/page.md:3: fixture proto/a.json: not valid JSON"), "{}", ran.text);
    refused(&block("jsonl fixture=proto/a.jsonl", "{}\n{"));
}

#[test]
fn a_push_may_be_no_json_as_the_vendors_is() {
    let scratch = Scratch::new();
    made(&scratch, &block("json fixture=proto/push.json", "{\"a\": [1, 2 , ], }"));
    assert_eq!(scratch.read("crates/proto/fixtures/push.json"), "{\"a\": [1, 2 , ], }\n");
}

#[test]
fn a_mistyped_mark_is_refused() {
    for info in ["json fixtures=proto/a.json", "json fixture=proto/a.json, proto/b.json", "json fixture: proto/a.json"]
    {
        let ran = refused(&block(info, "{}"));
        assert!(ran.text.contains("docs/protocol/page.md:3:"), "{info}: {}", ran.text);
    }
}

#[test]
fn a_block_that_is_empty_or_never_ends_is_refused() {
    let ran = refused("```json fixture=proto/a.json\n```\n");
    assert!(ran.text.contains("page.md:1: the block is empty"), "{}", ran.text);
    let ran = refused("```json fixture=proto/a.json\n{}\n");
    assert!(ran.text.contains("page.md:1: the block has no closing fence"), "{}", ran.text);
}

#[test]
fn every_mistake_is_named_at_once() {
    let ran = refused(&(block("json fixture=none/a.json", "{}") + &block("json fixture=proto/a.json", "{")));
    assert!(ran.text.contains("page.md:3:") && ran.text.contains("page.md:8:"), "{}", ran.text);
}
