//! Cassettes that are missing, malformed, of another version, or made to do harm.

use std::path::Path;

use proptest::prelude::*;
use weifen_transport::Transport;
use weifen_transport::cassette::{Allowed, Cassette, CassetteError, Inputs, Recorder, Replay};

use crate::cassette::{canned, get, json};

const GOOD: &str = r#"{"format":1,"made_by":"a test","against":"live","holds":[],"cannot_see":[],"inputs":{"a":"b"},
"exchanges":[{"request":{"method":"GET","path":"/x","query":[["a","b"]],"headers":{"accept":"c"},"body":"empty"},
"reply":{"status":200,"headers":{"location":"d"},"body":{"json":{"e":[1,1.5,true,null]}}}}]}"#;

fn parse(content: impl AsRef<[u8]>) -> Result<Cassette, CassetteError> {
    Cassette::parse(Path::new("order.json"), content.as_ref())
}

#[test]
fn a_malformed_file_is_an_error_that_says_where_what_and_what_to_do() {
    parse(GOOD).unwrap();
    let broken = [
        ("", "", "empty"),
        (r#""against":"live""#, r#""against":"other""#, "unknown target"),
        (r#""holds":[],"#, "", "missing field"),
        (r#""inputs":{"a":"b"}"#, r#""inputs":[]"#, "no object"),
        (r#""method":"GET""#, r#""method":"G T""#, "method"),
        (r#"["a","b"]"#, r#"["a"]"#, "half a pair"),
        (r#""status":200"#, r#""status":99"#, "status"),
        (r#""status":200"#, r#""status":70000"#, "status out of range"),
        (r#""location":"d""#, r#""location":"d\r\nset-cookie: e""#, "header"),
        (r#""location":"d""#, r#""cookie":"d""#, "unknown header"),
        (r#""body":"empty""#, r#""body":{"hex":"0"}"#, "half a byte"),
        (r#""body":"empty""#, r#""body":"full""#, "unknown body"),
        (r#""path":"/x""#, r#""path":7"#, "wrong type"),
        (r#""format":1"#, r#""format":"1""#, "version"),
    ];
    let mut shown = String::new();
    for (good, bad, what) in broken {
        let text = if good.is_empty() { String::new() } else { GOOD.replacen(good, bad, 1) };
        let error = parse(text).expect_err(what);
        assert!(matches!(error, CassetteError::Malformed { .. }), "{what}: {error}");
        shown.extend([what, ": ", &error.to_string(), "\n"]);
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn another_version_is_said_to_be_one_whatever_else_is_in_it() {
    let error = parse(r#"{"format": 2, "tape": "side A"}"#).unwrap_err();
    assert!(matches!(error, CassetteError::Version { format: 2, .. }));
    assert_eq!(
        error.to_string(),
        "the cassette order.json has format 2, but this program reads format 1: record it again, or use the version \
         of weifen that wrote it"
    );
}

#[test]
fn a_missing_file_is_named() {
    let error = Cassette::read(Path::new("no/such/cassette.json")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read the cassette no/such/cassette.json; if the file does not exist, record the cassette"
    );
}

#[tokio::test]
async fn a_file_is_written_whole_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("order.json");
    let recorder = Recorder::sandbox(canned([json("{}")]), "a test", Inputs::new());
    recorder.send(get("http://a/1")).await.unwrap();
    let cassette = recorder.finish().unwrap();
    cassette.write(&path).unwrap();
    assert_eq!(Cassette::read(&path).unwrap().to_text(), cassette.to_text());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let nowhere = folder.path().join("no/such/folder/order.json");
    assert!(matches!(cassette.write(&nowhere), Err(CassetteError::Write { .. })));
}

/// Parses any content, then writes and replays the cassette.
fn use_all_of(content: &[u8]) {
    let Ok(cassette) = parse(content) else { return };
    assert_eq!(parse(cassette.to_text()).expect("what was written can be read").to_text(), cassette.to_text());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let replay = Replay::new(cassette, Allowed::nothing().names(&["a"]).texts(&["b"]));
    for _ in 0..2 {
        let _ = runtime.block_on(replay.send(get("http://a/x?a=b")));
    }
    let _ = (replay.finish(), format!("{replay:?}"));
}

#[test]
fn deep_nesting_does_no_harm() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for depth in [50, 110, 120, 130, 100_000] {
        use_all_of(nested(depth).as_bytes());
        use_all_of(GOOD.replacen("[1,1.5,true,null]", &nested(depth), 1).as_bytes());
    }
}

/// Checks that an error names the file and a position in it, in text that a terminal can show.
fn is_clear(content: &[u8]) -> Result<(), TestCaseError> {
    let Err(error) = parse(content) else { return Ok(()) };
    let shown = error.to_string();
    prop_assert!(shown.contains("order.json") && !shown.chars().any(char::is_control), "{shown:?}");
    if let CassetteError::Malformed { line, .. } = error {
        prop_assert!((1..=content.split(|byte| *byte == b'\n').count()).contains(&line), "{shown}");
    }
    Ok(())
}

#[test]
fn a_terminals_escapes_in_a_damaged_file_are_not_shown() {
    let text = GOOD.replacen("\"inputs\"", r#""\u001b[31minputs""#, 1);
    let shown = parse(text).unwrap_err().to_string();
    assert!(shown.contains("unknown field, expected one of `format`") && !shown.contains("31m"), "{shown}");
}

proptest! {
    #[test]
    fn what_is_recorded_is_written_and_read_again(
        body: Vec<u8>, json in "[\\[\\]{}\":,0-9a-z .-]{0,20}", status in 200..600_u16, is_form: bool, text in "\\PC{0,20}"
    ) {
        let content_type = if is_form { "application/x-www-form-urlencoded" } else { "application/json" };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for body in [body, json.into_bytes()] {
            let reply = || http::Response::builder().status(status).header("content-type", content_type);
            let recorder = Recorder::sandbox(
                canned([reply().body(body.clone().into()).unwrap()]), text.clone(), Inputs::new().with_text(&text, &text),
            );
            runtime.block_on(recorder.send(get("http://a/x"))).unwrap();
            let cassette = recorder.finish().unwrap();
            let read = parse(cassette.to_text()).unwrap();
            prop_assert_eq!(read.to_text(), cassette.to_text());
            prop_assert_eq!(read.inputs(), &Inputs::new().with_text(&text, &text));
            let replayed = runtime.block_on(Replay::new(read, Allowed::nothing()).send(get("http://a/x"))).unwrap();
            prop_assert_eq!(&replayed.body()[..], &body[..]);
            prop_assert_eq!(replayed.status().as_u16(), status);
        }
    }

    #[test]
    fn a_damaged_file_is_an_error_that_names_file_and_line(
        content: Vec<u8>, at in 0..GOOD.len(), length in 0..40_usize, with in "[\\PC\n\u{1b}]{0,9}"
    ) {
        is_clear(&content)?;
        let end = (at + length).min(GOOD.len());
        is_clear(&[&GOOD.as_bytes()[..at], with.as_bytes(), &GOOD.as_bytes()[end..]].concat())?;
        is_clear(&GOOD.as_bytes()[..at])?;
        prop_assert!(parse(&GOOD.as_bytes()[..at]).is_err());
    }

    #[test]
    fn no_content_does_harm(content: Vec<u8>) {
        use_all_of(&content);
    }

    #[test]
    fn no_change_of_a_good_file_does_harm(at in 0..GOOD.len(), length in 0..40_usize, with in "[\\[\\]{}\",:0-9a-z\\\\#/. -]{0,12}") {
        let end = (at + length).min(GOOD.len());
        use_all_of(&[&GOOD.as_bytes()[..at], with.as_bytes(), &GOOD.as_bytes()[end..]].concat());
    }

    #[test]
    fn no_value_in_a_good_file_does_harm(value in "\\PC{0,40}") {
        let value = serde_json::to_string(&value).unwrap();
        for old in [r#""b""#, r#""/x""#, r#""e""#, r#""d""#, r#""c""#, r#""GET""#] {
            use_all_of(GOOD.replacen(old, &value, 1).as_bytes());
        }
    }
}

#[test]
fn letters_in_the_places_of_a_dates_digits_do_no_harm() {
    for text in ["dddd-dd-dd", "2026-dd-01", "2026-01-01Tdd:dd:dd", "2026-01-01T00:00:00+dd:dd", "0000-00-00"] {
        use_all_of(GOOD.replacen(r#""b""#, &format!("{text:?}"), 1).as_bytes());
    }
}

#[test]
fn what_stands_in_a_file_that_is_no_cassette_is_not_repeated() {
    for content in [
        r#"{"format": "canary, expected canary"}"#,
        r#"{"format": 18900001234}"#,
        r#"{"format": 1, "canary": 1}"#,
        r#"{"format": 1, "made_by": "x", "against": "canary"}"#,
        r#""canary""#,
    ] {
        let error = Cassette::parse("x.json".as_ref(), content.as_bytes()).unwrap_err();
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(!shown.contains("canary") && !shown.contains("18900001234"), "{shown}");
        }
    }
}
