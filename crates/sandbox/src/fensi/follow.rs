//! A follow as it is asked for: who follows which account, and how its push goes out.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use super::packet::PushShape;
use crate::error::ControlError;

const MOST_TIMES: u32 = 100;
const LONGEST: Duration = Duration::from_mins(10);

/// A user follows an account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    pub(super) auth_open_id: String,
    #[serde(default)]
    pub(super) appid: Option<String>,
    #[serde(default = "once")]
    pub(super) times: u32,
    #[serde(default)]
    pub(super) at_once: bool,
    #[serde(default, rename = "delay_ms", deserialize_with = "milliseconds")]
    pub(super) delay: Duration,
    #[serde(default, rename = "over_ms", deserialize_with = "milliseconds")]
    pub(super) over: Duration,
    #[serde(default)]
    pub(super) shape: PushShape,
    #[serde(default)]
    pub(super) held: bool,
}

fn once() -> u32 {
    1
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

impl Follow {
    /// The user `auth_open_id` follows the account that they were offered last, and the push goes out once.
    pub fn by(auth_open_id: impl Into<String>) -> Self {
        Self {
            auth_open_id: auth_open_id.into(),
            appid: None,
            times: once(),
            at_once: false,
            delay: Duration::ZERO,
            over: Duration::ZERO,
            shape: PushShape::default(),
            held: false,
        }
    }

    /// Another account of the pool; it need not have been offered.
    #[must_use]
    pub fn appid(mut self, appid: impl Into<String>) -> Self {
        self.appid = Some(appid.into());
        self
    }

    /// The same push goes out so often, at most 100 times, one after the other. The bid is taken once.
    /// With 0 the follow happens all the same, and no push ever tells of it.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Lets all of [`times`](Self::times) go out together, each on a connection of its own; by default they go out one
    /// after the other.
    #[must_use]
    pub fn at_once(mut self, at_once: bool) -> Self {
        self.at_once = at_once;
        self
    }

    /// The push goes out so much later, at most ten minutes: of real time, not of the sandbox's clock.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The push's body takes so long to go out, a few bytes at a time: at most ten minutes of real time.
    #[must_use]
    pub fn over(mut self, over: Duration) -> Self {
        self.over = over;
        self
    }

    /// The push's format on the wire; by default [`PushShape::Json`].
    #[must_use]
    pub fn shape(mut self, shape: PushShape) -> Self {
        self.shape = shape;
        self
    }

    /// Holds the push back until [`Sandbox::release`](crate::Sandbox::release); by default it goes out.
    #[must_use]
    pub fn held(mut self, held: bool) -> Self {
        self.held = held;
        self
    }

    pub(super) fn check(&self) -> Result<(), ControlError> {
        if self.times > MOST_TIMES {
            return Err(ControlError::Times(self.times));
        }
        for (name, asked) in [("delay_ms", self.delay), ("over_ms", self.over)] {
            if asked > LONGEST {
                return Err(ControlError::TooLong { name, asked });
            }
        }
        Ok(())
    }
}
