//! Whatever is signed verifies, and nothing else.

use md5::{Digest, Md5};
use proptest::prelude::*;
use weifen_sign::Stamp;

proptest! {
    #[test]
    fn any_text_is_signed_as_the_vendor_documents(timestamp in any::<u64>(), nonce in ".*", secret in ".*") {
        let digits = timestamp.to_string();
        let mut parts = [digits.as_bytes(), nonce.as_bytes(), secret.as_bytes()];
        parts.sort();
        let expected = hex::encode(Md5::digest(parts.concat()));
        let signed = Stamp::new(timestamp, nonce.clone()).sign(&secret);
        prop_assert_eq!(signed.signature(), expected);
        prop_assert_eq!((signed.timestamp(), signed.nonce()), (timestamp, nonce.as_str()));
        prop_assert!(Stamp::new(timestamp, nonce).verify(&secret, signed.signature()));
    }
}

#[test]
fn only_the_very_signature_verifies() {
    let stamp = Stamp::new(1_557_200_022, "jbh12345");
    let signature = stamp.clone().sign("s3cret").signature().to_owned();
    assert!(stamp.verify("s3cret", &signature));
    for wrong in
        ["", &signature[1..], &signature.to_uppercase(), &format!("{signature} "), &signature.replace('e', "f")]
    {
        assert!(!stamp.verify("s3cret", wrong), "{wrong}");
    }
    assert!(!Stamp::new(1_557_200_023, "jbh12345").verify("s3cret", &signature));
}

#[test]
fn of_what_is_signed_only_the_time_is_printed() {
    let signed = Stamp::new(1_557_200_022, "jbh12345").sign("s3cret");
    assert_eq!(
        format!("{signed:?}"),
        "SignedStamp { stamp: Stamp { timestamp: 1557200022, .. }, signature: [redacted] }"
    );
}
