//! Time formats of 微厅: civil times in Beijing (fixed +08:00) without a zone, and instants in RFC 3339. They decide
//! nothing: an invalid time counts as absent.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::{Deserializer, Serializer};

use crate::lenient;

/// Civil times such as `2016-05-27 11:04:36` (documented), or nothing.
pub(super) mod civil {
    use super::{DateTime, Deserializer, Serializer, lenient};

    const FORMAT: &str = "%Y-%m-%d %H:%M:%S";

    pub(in crate::weiting) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<DateTime>, D::Error> {
        Ok(lenient::free_text(d)?.as_deref().and_then(read))
    }

    pub(in crate::weiting) fn is_written(text: &str) -> bool {
        read(text).is_some()
    }

    fn read(text: &str) -> Option<DateTime> {
        DateTime::strptime(FORMAT, text).ok()
    }

    #[expect(clippy::ref_option, reason = "serde hands the field itself")]
    pub(in crate::weiting) fn serialize<S: Serializer>(time: &Option<DateTime>, s: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => s.collect_str(&time.strftime(FORMAT)),
            None => s.serialize_none(),
        }
    }
}

/// Instants such as `2016-09-28T05:16:00.804Z` (documented), or nothing.
pub(super) mod instant {
    use super::{Deserializer, Serializer, Timestamp, lenient};

    pub(in crate::weiting) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Timestamp>, D::Error> {
        Ok(lenient::free_text(d)?.as_deref().and_then(read))
    }

    pub(in crate::weiting) fn is_written(text: &str) -> bool {
        read(text).is_some()
    }

    fn read(text: &str) -> Option<Timestamp> {
        text.parse().ok()
    }

    #[expect(clippy::ref_option, reason = "serde hands the field itself")]
    pub(in crate::weiting) fn serialize<S: Serializer>(instant: &Option<Timestamp>, s: S) -> Result<S::Ok, S::Error> {
        match instant {
            Some(instant) if instant.subsec_nanosecond() % 1_000_000 == 0 => {
                s.collect_str(&format_args!("{instant:.3}"))
            }
            // Finer than documented: written as it came, so that reading it again gives the same.
            Some(instant) => s.collect_str(instant),
            None => s.serialize_none(),
        }
    }
}
