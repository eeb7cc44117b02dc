//! A cassette's file.

use std::error::Error;
use std::path::Path;

use bytes::Bytes;
use futures_util::FutureExt;
use weifen_transport::Transport;
use weifen_transport::cassette::{Allowed, Cassette, CassetteError, Replay};

/// Checks for any file: it is a cassette that is written as it was read and can be replayed, or an error that names
/// the file and a place within it and can be printed.
pub fn cassette(content: &[u8]) {
    let path = Path::new("tape.json");
    match Cassette::parse(path, content) {
        Ok(cassette) => {
            let text = cassette.to_text();
            let again = Cassette::parse(path, text.as_bytes()).expect("what was written can be read");
            assert_eq!(again.to_text(), text, "written and read again");
            assert_eq!(again.len(), cassette.len());
            replay(cassette);
        }
        Err(error) => is_clear(&error, content),
    }
}

fn replay(cassette: Cassette) {
    let replay = Replay::new(cassette, Allowed::nothing().names(&["a"]).texts(&["b"]));
    for _ in 0..2 {
        let request = http::Request::get("http://a/x?a=b").body(Bytes::new()).expect("a request");
        if let Err(error) = replay.send(request).now_or_never().expect("a replay waits for nothing") {
            can_be_printed(&error);
        }
    }
    if let Err(error) = replay.finish() {
        can_be_printed(&error);
    }
    _ = format!("{replay:?}");
}

/// Checks that neither the error nor its sources hold control characters, which a terminal would obey.
fn can_be_printed(error: &dyn Error) {
    let mut next = Some(error);
    while let Some(error) = next {
        let shown = error.to_string();
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
        next = error.source();
    }
}

fn is_clear(error: &CassetteError, content: &[u8]) {
    let shown = error.to_string();
    assert!(shown.contains("tape.json"), "{shown}");
    can_be_printed(error);
    assert!(!shown.contains('\n'), "{shown:?}");
    if let CassetteError::Malformed { line, column, .. } = error {
        let lines = content.split(|byte| *byte == b'\n').count();
        assert!((1..=lines).contains(line), "line {line} of {lines}");
        assert!(*column <= content.len(), "column {column}");
    }
}
