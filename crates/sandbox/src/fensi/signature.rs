//! The signature: three texts sorted as bytes, joined, MD5 in lower-case hex.

use md5::{Digest, Md5};

pub(super) fn sign(timestamp: &str, nonce: &str, app_secret: &str) -> String {
    let mut texts = [timestamp, nonce, app_secret];
    texts.sort_unstable();
    hex::encode(Md5::digest(texts.concat()))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    #[test]
    fn signatures_are_those_of_php() {
        let vectors = include_str!("../../fixtures/signature.jsonl");
        let mut compared = 0;
        for line in vectors.lines() {
            let vector: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| vector[name].as_str().unwrap();
            assert_eq!(
                super::sign(text("timestamp"), text("nonce"), text("secret")),
                text("signature"),
                "{line}"
            );
            compared += 1;
        }
        assert!(compared >= 6);
    }
}
