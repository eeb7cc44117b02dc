//! PHP's signatures.

use std::fs;
use std::path::Path;

use weifen_sign::Stamp;

#[test]
fn signatures_equal_those_of_php() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/signature.jsonl");
    let lines = fs::read_to_string(file).unwrap();
    assert!(lines.lines().count() >= 6);
    for line in lines.lines() {
        let vector: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| vector[name].as_str().unwrap();
        let stamp = Stamp::new(text("timestamp").parse().unwrap(), text("nonce"));
        assert_eq!(stamp.sign(text("secret")).signature(), text("signature"), "{line}");
    }
}
