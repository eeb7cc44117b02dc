//! Compressed bodies that do harm.

use std::io::{Read, copy, sink};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::{last, report_order, start_with};

#[tokio::test]
async fn a_gzip_bomb_is_small_on_the_wire_and_inflates_to_a_gibibyte() {
    let (sandbox, token) = start_with(json!({ "kind": "gzip-bomb" })).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!(reply.header("content-encoding"), Some("gzip"));
    assert_eq!(reply.header("content-length"), Some(reply.body.len().to_string().as_str()));
    assert!(reply.body.len() < 1_200_000, "{}", reply.body.len());
    // The stream's own sum of lengths, and a part that is really inflated.
    let length = u32::from_le_bytes(reply.body[reply.body.len() - 4..].try_into().unwrap());
    let answer = sandbox.log().pop().unwrap().answer.to_string();
    assert_eq!(length as usize, (1 << 30) + answer.len());
    let part = 16 << 20;
    assert_eq!(copy(&mut GzDecoder::new(&reply.body[..]).take(part), &mut sink()).unwrap(), part);
    assert_eq!(last(&sandbox), (json!("gzip-bomb"), true));
}

#[tokio::test]
async fn whoever_survives_a_bomb_finds_the_answer_in_it() {
    let (sandbox, token) = start_with(json!({ "kind": "gzip-bomb", "inflated_mib": 3 })).await;
    let mut inflated = Vec::new();
    GzDecoder::new(&report_order(&sandbox, &token).body[..]).read_to_end(&mut inflated).unwrap();
    let answer = sandbox.log().pop().unwrap().answer;
    assert_eq!(inflated.len(), (3 << 20) + answer.to_string().len());
    assert_eq!(serde_json::from_slice::<Value>(&inflated).unwrap(), answer);
}

#[tokio::test]
async fn bad_gzip_begins_like_gzip_and_cannot_be_inflated() {
    let (sandbox, token) = start_with(json!({ "kind": "bad-gzip" })).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!(reply.header("content-encoding"), Some("gzip"));
    assert!(reply.body.starts_with(b"\x1F\x8B"));
    assert!(GzDecoder::new(&reply.body[..]).read_to_end(&mut Vec::new()).is_err());
    assert_eq!(last(&sandbox), (json!("bad-gzip"), true));
}
