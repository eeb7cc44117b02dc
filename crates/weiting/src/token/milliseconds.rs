//! Times as a store writes them: whole milliseconds since 1970 (UTC), readable in any language.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Last millisecond of the year 9999.
const END_OF_9999: u64 = 253_402_300_799_999;

fn since_1970(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX).min(END_OF_9999)
}

pub(super) fn serialize<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    since_1970(*time).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
    let since = u64::deserialize(deserializer)?;
    if since > END_OF_9999 {
        return Err(serde::de::Error::custom("a time out of range"));
    }
    Ok(SystemTime::UNIX_EPOCH + Duration::from_millis(since))
}
