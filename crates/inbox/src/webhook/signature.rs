//! The signature of a delivery by Standard Webhooks: `v1,` and the HMAC-SHA256 in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::InvalidLength;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

use super::InvalidWebhook;

/// Least number of bytes of a key: fewer than 128 bits can be guessed.
const SHORTEST: usize = 16;

pub(super) struct Signer(SecretSlice<u8>);

impl Signer {
    pub(super) fn new(key: SecretSlice<u8>) -> Result<Self, InvalidWebhook> {
        if key.expose_secret().len() < SHORTEST { Err(InvalidWebhook::ShortKey) } else { Ok(Self(key)) }
    }

    pub(super) fn signature(&self, id: &str, timestamp: i64, body: &[u8]) -> Result<String, InvalidLength> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret())?;
        let digest = mac.chain_update(format!("{id}.{timestamp}.")).chain_update(body).finalize().into_bytes();
        Ok(format!("v1,{}", STANDARD.encode(digest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_reference_implementations() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signer = Signer::new(key.into()).unwrap();
        let signature = signer.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
