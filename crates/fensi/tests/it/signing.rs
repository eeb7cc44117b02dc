//! The values that are signed are the values that are sent.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use weifen_fensi::{Encoding, Fensi, NonceSource, RandomNonces, ScenesRequest};
use weifen_transport::{Clock, ErrorKind};

use crate::canned::{Fixed, SECRET, answering, builder};

/// A clock that moves on by a second at every reading.
#[derive(Debug)]
struct Racing(AtomicU64);

impl Clock for Racing {
    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.fetch_add(1, Ordering::SeqCst))
    }

    fn elapsed(&self) -> Duration {
        self.wall().duration_since(SystemTime::UNIX_EPOCH).unwrap()
    }
}

fn timestamp_in(sent: &str) -> u64 {
    let (_, behind) = sent.split_once("timestamp").unwrap();
    let begin = behind.trim_start_matches(|c: char| !c.is_ascii_digit());
    begin.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_timestamp_that_was_signed_is_sent() {
    for encoding in [Encoding::Json, Encoding::Form, Encoding::Query] {
        let transport = answering("{}");
        let clock = Arc::new(Racing(AtomicU64::new(1_557_200_022)));
        let client = builder(&transport).clock(clock).encoding(encoding).build().unwrap();
        for _ in 0..3 {
            _ = client.scenes().await;
        }
        // An empty object is no answer, so the first call was retried.
        assert_eq!(transport.requests().len(), 5);
        let mut last = 1_557_200_021;
        for (call, request) in (0..).zip(transport.requests()) {
            let body = String::from_utf8(request.body().to_vec()).unwrap();
            let sent = format!("{}{body}", request.uri());
            let timestamp = timestamp_in(&sent);
            assert!(timestamp > last, "each attempt has its own");
            last = timestamp;
            let signed = weifen_sign::Stamp::new(timestamp, format!("nonce-{call}")).sign(SECRET);
            for part in [signed.nonce(), signed.signature()] {
                assert!(sent.contains(part), "{part} in {sent}");
            }
        }
    }
}

#[tokio::test]
async fn a_nonce_that_phps_trim_would_change_is_refused_before_sending() {
    for nonce in ["", " n", "n\t", "n\0", "\u{b}n"] {
        let transport = answering("");
        let client = builder(&transport).nonces(Arc::new(Fixed(nonce))).build().unwrap();
        let error = client.scenes().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(transport.requests().is_empty());
    }
    for nonce in ["\u{3000}n", "n\u{85}", "n n"] {
        let transport = answering(r#"{"code": 20000, "data": [], "message": "ok"}"#);
        builder(&transport).nonces(Arc::new(Fixed(nonce))).build().unwrap().scenes().await.unwrap();
        let sent: serde_json::Value = serde_json::from_slice(transport.requests()[0].body()).unwrap();
        assert_eq!(sent["nonce"], nonce);
    }
}

/// The vendor signs with the secret in its database, and trims nothing of it.
#[tokio::test]
async fn a_secret_is_signed_with_as_it_stands() {
    for secret in [" s3cret", "s3cret\n", "\u{3000}s3cret", "s3 cret\0", " "] {
        let transport = answering("{}");
        let client = Fensi::builder("d", secret).nonces(Arc::new(Fixed("n"))).transport(transport.clone());
        _ = client.build().unwrap().scenes().await;
        let sent: serde_json::Value = serde_json::from_slice(transport.requests()[0].body()).unwrap();
        let signed = weifen_sign::Stamp::new(sent["timestamp"].as_u64().unwrap(), "n").sign(secret);
        assert_eq!(sent["signature"], signed.signature(), "{secret:?}");
    }
    let error = Fensi::builder("d", "").transport(answering("")).build().unwrap_err();
    assert_eq!(error.to_string(), "app_secret: must not be empty");
}

#[test]
fn nonces_do_not_repeat_and_survive_trimming() {
    let nonces: HashSet<_> = (0..10_000).map(|_| RandomNonces.nonce()).collect();
    assert_eq!(nonces.len(), 10_000);
    assert!(nonces.iter().all(|nonce| nonce.len() == 32 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit())));
}

#[test]
fn the_client_prints_no_secret() {
    let client = builder(&answering("")).build().unwrap();
    assert!(!format!("{client:?}").contains(SECRET));
}

/// An operation of a caller's own that has a timestamp among its parameters.
struct SecondTimestamp;

impl weifen_proto::Endpoint for SecondTimestamp {
    type Answer = ();

    const OPERATION: weifen_proto::Operation = <ScenesRequest as weifen_proto::Endpoint>::OPERATION;

    fn parameters(&self) -> weifen_proto::Parameters<'_> {
        weifen_proto::Parameters::new().integer("timestamp", 1)
    }

    fn answer(_: &[u8]) -> Result<(), weifen_proto::NoAnswer> {
        Ok(())
    }
}

#[tokio::test]
async fn no_request_brings_a_second_timestamp() {
    let transport = answering("");
    let error = builder(&transport).build().unwrap().call(&SecondTimestamp).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(transport.requests().is_empty());
}
