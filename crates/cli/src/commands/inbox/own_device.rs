//! The check that a device is ours: another's push would be quarantined, and never meet its booking.

use weifen::Config;

/// Checks that pushes for the device `key` are accepted.
///
/// # Errors
/// The reason why they are not.
pub(in crate::commands) fn check(config: &Config, key: &str) -> Result<(), &'static str> {
    let keys = &config.serve.keys;
    if keys.is_empty() || keys.iter().any(|known| known == key) {
        return Ok(());
    }
    Err("this device is none of serve.keys (else fensi.key), so that its push would go to quarantine; \
         correct the key, or add it to serve.keys")
}
