//! The signature of 粉丝万岁: that this build makes the known one, and that the configured secret can sign.

use std::sync::Arc;

use secrecy::ExposeSecret;
use weifen::sign::Stamp;

use super::finding::Findings;
use super::patient::{Patient, SecretState};

/// Timestamp, nonce, secret, and the signature that PHP made of them.
const KNOWN: [(u64, &str, &str, &str); 2] = [
    (1_557_200_022, "jbh12345", "s3cret", "e279a059bcf312bf533cf01d1805d7d0"),
    (1_557_200_022, "jbh12345", "中文密钥", "6c150db09153565b051b10336faa2e23"),
];

pub(super) async fn check(patient: Arc<Patient>) -> Findings {
    let mut findings = Findings::of("signature");
    let is_right = |(timestamp, nonce, secret, signature): &(u64, &str, &str, &str)| {
        Stamp::new(*timestamp, *nonce).sign(secret).signature() == *signature
    };
    if KNOWN.iter().all(is_right) {
        findings.ok("known ones", "this build computes the same signatures as PHP");
    } else {
        findings.problem(
            "known ones",
            "this build computes other signatures than PHP",
            "install another build of weifen",
        );
    }
    match &patient.app_secret {
        SecretState::NotSet | SecretState::Stdin => {}
        SecretState::Unusable(_) => findings.not_checked("own secret", "the app_secret can't be used"),
        SecretState::Read(secret) => {
            let (stamp, secret) = (Stamp::new(1_557_200_022, "self-test"), secret.expose_secret());
            let signed = stamp.clone().sign(secret);
            if stamp.verify(secret, signed.signature()) {
                findings.ok(
                    "own secret",
                    "the secret signs, and the signature verifies; only a call shows whether the vendor accepts it",
                );
            } else {
                findings.problem("own secret", "its signature does not verify", "install another build of weifen");
            }
        }
    }
    findings
}
