//! Every payload of the protocol's pages, decoded, with one snapshot each. The file's name tells the due outcome.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use weifen_proto::fensi::{self, Push, QrcodeRequest, ScenesRequest};
use weifen_proto::{Endpoint, Entry, NoAnswer, Operation, Refusal, Undecodable, weiting};

/// Returns every operation of both vendors.
pub(crate) fn operations() -> impl Iterator<Item = &'static Entry> {
    weiting::OPERATIONS.iter().chain(fensi::OPERATIONS)
}

/// Returns the folder of an operation's fixtures.
pub(crate) fn folder_of(operation: &Operation) -> String {
    format!("{}/{}", operation.vendor, operation.name)
}

const PUSH: &str = "fensi/push";

/// Decodes a fixture's body into a text that shows all of it.
fn decoded(folder: &str, body: &[u8]) -> Result<String, NoAnswer> {
    match operations().find(|entry| folder_of(entry.operation) == folder) {
        Some(entry) => (entry.read)(body).map(|answer| shown(&answer)),
        None => Ok(Push::parse(body).map(|push| shown(&push))?),
    }
}

fn shown(answer: &impl Serialize) -> String {
    serde_json::to_string_pretty(answer).unwrap()
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

pub(crate) fn read(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn refused(refusal: &Refusal) -> String {
    let mut text = format!("{:?}, code {}\n{}\n", refusal.kind(), refusal.code(), refusal.message());
    if let Some(cap) = refusal.cap() {
        writeln!(text, "{cap:?}").unwrap();
    }
    text
}

#[test]
fn every_payload_decodes_to_what_its_name_says() {
    for operation in operations().map(|entry| folder_of(entry.operation)).chain([PUSH.to_owned()]) {
        let mut files: Vec<_> = fs::read_dir(folder().join(&operation)).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        for file in files {
            let name = file.file_name().unwrap().to_str().unwrap();
            let (role, _) = name.split_once(['-', '.']).unwrap();
            let body = fs::read(&file).unwrap();
            let text = match (role, decoded(&operation, &body)) {
                ("request" | "url" | "callback", _) => continue,
                ("answer" | "push", Ok(answer)) => answer,
                ("refusal", Err(NoAnswer::Refused(refusal))) => refused(&refusal),
                ("no", Err(NoAnswer::Undecodable(error))) => error.to_string(),
                (_, outcome) => panic!("{}: {outcome:?}", file.display()),
            };
            let name = format!("{operation}/{}", name.trim_end_matches(".json")).replace('/', "__");
            insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(name, text);
            });
        }
    }
}

#[test]
fn every_operation_has_fixtures() {
    let mut folders = Vec::new();
    for vendor in ["weiting", "fensi"] {
        for folder in fs::read_dir(folder().join(vendor)).unwrap() {
            folders.push(format!("{vendor}/{}", folder.unwrap().file_name().to_str().unwrap()));
        }
    }
    folders.sort();
    let mut operations: Vec<_> =
        operations().map(|entry| folder_of(entry.operation)).chain([PUSH.to_owned()]).collect();
    operations.sort_unstable();
    assert_eq!(folders, operations);
}

#[test]
fn an_answer_is_understood_behind_a_byte_order_mark() {
    let body = [b"\xef\xbb\xbf".as_slice(), &read("fensi/scenes/answer.json")].concat();
    assert_eq!(ScenesRequest::answer(&body).unwrap().len(), 9);
}

#[test]
fn unknown_fields_do_not_fail_an_answer() {
    let body =
        br#"{"code": 20000, "data": [{"id": 1, "name": "a", "new": {"deep": [1]}}], "message": "ok", "trace": 7}"#;
    assert_eq!(ScenesRequest::answer(body).unwrap().len(), 1);
}

#[test]
fn a_fault_names_its_path_and_no_value() {
    let body = br#"{"code": 20000, "data": [{"id": 1, "name": "a"}, {"id": "secret, expected b", "name": "b"}]}"#;
    let error = ScenesRequest::answer(body).unwrap_err();
    assert_eq!(error.to_string(), "at data[1].id: expected an integer");
    let error = QrcodeRequest::answer(br#"{"code": 20000, "data": null, "message": "ok"}"#).unwrap_err();
    assert_eq!(error.to_string(), "at data: expected an object");
}

#[test]
fn bodies_that_are_no_json_are_told_apart() {
    let fault = |body: &[u8]| match ScenesRequest::answer(body) {
        Err(NoAnswer::Undecodable(fault)) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(b""), Undecodable::Empty);
    assert_eq!(fault(b" \n"), Undecodable::Empty);
    assert_eq!(fault(b"<html><body>502</body></html>"), Undecodable::Html);
    assert_eq!(fault(b"\xef\xbb\xbf<!doctype html>"), Undecodable::Html);
    assert_eq!(fault(b"{\"code\": 20000"), Undecodable::NotJson { line: 1, column: 14 });
    let gbk = b"{\"code\": 50000, \"message\": \"\xd4\xdd\xce\xde\"}";
    assert_eq!(fault(gbk), Undecodable::NotUtf8 { looks_like_gbk: true });
    assert_eq!(fault(b"\xff\xfe{\0}\0"), Undecodable::NotUtf8 { looks_like_gbk: false });
    let told = fault(b"{\"code\": \"\xff\xff\"}").to_string();
    assert_eq!(told, "at code: expected an integer");
}
