//! `weifen secret …`: a fresh secret of 256 random bits, in the format of its purpose.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::arguments::SecretCommand;
use crate::failure::Failure;
use crate::output::Report;

pub(crate) fn run(command: &SecretCommand) -> Result<Report, Failure> {
    let random: [u8; 32] = rand::random();
    let secret = match command {
        SecretCommand::Push | SecretCommand::Api => URL_SAFE_NO_PAD.encode(random),
        SecretCommand::Deliver => for_deliveries(&random),
    };
    Report::of("secret", &secret, &*secret)
}

/// The secret of deliveries as Standard Webhooks writes it.
pub(super) fn for_deliveries(key: &[u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(key))
}
