//! How 微厅 writes times: civil ones in Beijing's time without zone (fixed +08:00), instants in RFC 3339.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::{Deserializer, Serializer};

use crate::lenient;

/// `2016-05-27 11:04:36` (documented), or nothing.
pub(super) mod civil {
    use super::{DateTime, Deserializer, Serializer, lenient};

    const FORMAT: &str = "%Y-%m-%d %H:%M:%S";

    pub(in crate::weiting) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<DateTime>, D::Error> {
        lenient::optional_text(d)?
            .map(|text| {
                DateTime::strptime(FORMAT, &text).map_err(|_| lenient::unexpected("a time such as 2016-05-27 11:04:36"))
            })
            .transpose()
    }

    #[expect(clippy::ref_option, reason = "serde hands the field itself")]
    pub(in crate::weiting) fn serialize<S: Serializer>(time: &Option<DateTime>, s: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => s.collect_str(&time.strftime(FORMAT)),
            None => s.serialize_none(),
        }
    }
}

/// `2016-09-28T05:16:00.804Z` (documented), or nothing.
pub(super) mod instant {
    use super::{Deserializer, Serializer, Timestamp, lenient};

    pub(in crate::weiting) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Timestamp>, D::Error> {
        lenient::optional_text(d)?
            .map(|text| text.parse().map_err(|_| lenient::unexpected("an instant such as 2016-09-28T05:16:00.804Z")))
            .transpose()
    }

    #[expect(clippy::ref_option, reason = "serde hands the field itself")]
    pub(in crate::weiting) fn serialize<S: Serializer>(instant: &Option<Timestamp>, s: S) -> Result<S::Ok, S::Error> {
        match instant {
            Some(instant) if instant.subsec_nanosecond() % 1_000_000 == 0 => {
                s.collect_str(&format_args!("{instant:.3}"))
            }
            // Finer than the vendor is documented to be: as it came, so that it is the same when read again.
            Some(instant) => s.collect_str(instant),
            None => s.serialize_none(),
        }
    }
}
