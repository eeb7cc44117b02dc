//! The rules that a push is judged by: ours or not, booked or not, new or a copy.

use weifen_proto::fensi::Push;

/// Treatment of a push that no booking asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unsolicited {
    /// It is kept, and delivered only when a person releases it.
    #[default]
    Hold,
    /// It is delivered like any other.
    Pay,
    /// It is not kept, and counted only.
    Drop,
}

/// Treatment of a user's second follow of the same account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFollow {
    /// It is recorded as a duplicate and not delivered.
    #[default]
    Ignore,
    /// It is a new event if its `state` differs; no `state` is a state too.
    PerState,
}

/// The rules of an inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Rules {
    develop_appid: String,
    keys: Vec<String>,
    unsolicited: Unsolicited,
    second_follow: SecondFollow,
    quarantine_bytes: u64,
    quarantine_rate: u32,
}

/// Reason why a push is not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Foreign {
    #[error("develop_appid is another developer's")]
    DevelopAppid,
    #[error("key is not the key of a configured device")]
    Key,
}

impl Rules {
    /// Makes rules for the developer `develop_appid`: any device, unsolicited pushes held, second follows ignored.
    pub fn new(develop_appid: impl Into<String>) -> Self {
        Self {
            develop_appid: develop_appid.into(),
            keys: Vec::new(),
            unsolicited: Unsolicited::default(),
            second_follow: SecondFollow::default(),
            quarantine_bytes: 64 << 20,
            quarantine_rate: 60_000,
        }
    }

    /// Sets our devices by their `key`. While none is set, a push's device is checked against its booking alone.
    pub fn keys(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the treatment of a push that no booking asked for; default [`Unsolicited::Hold`].
    pub fn unsolicited(mut self, unsolicited: Unsolicited) -> Self {
        self.unsolicited = unsolicited;
        self
    }

    /// Sets the treatment of a user's second follow of the same account; default [`SecondFollow::Ignore`].
    pub fn second_follow(mut self, second_follow: SecondFollow) -> Self {
        self.second_follow = second_follow;
        self
    }

    /// Sets the cap on the bytes of quarantine and held events together; default 64 MiB. A push that would exceed it
    /// is not stored, and [`Intake::receive`](crate::Intake::receive) fails.
    pub fn quarantine_bytes(mut self, bytes: u64) -> Self {
        self.quarantine_bytes = bytes;
        self
    }

    /// Sets the cap on pushes a minute that one sender may bring into quarantine or held; default 60,000.
    pub fn quarantine_rate(mut self, pushes: u32) -> Self {
        self.quarantine_rate = pushes;
        self
    }

    pub(crate) fn most_unwanted_bytes(&self) -> u64 {
        self.quarantine_bytes
    }

    pub(crate) fn most_unwanted_a_minute(&self) -> u32 {
        self.quarantine_rate
    }

    pub(crate) fn on_unsolicited(&self) -> Unsolicited {
        self.unsolicited
    }

    pub(crate) fn on_second_follow(&self) -> SecondFollow {
        self.second_follow
    }

    /// Checks that the push names our developer and one of our devices.
    pub(crate) fn check_ours(&self, push: &Push) -> Result<(), Foreign> {
        if push.develop_appid != self.develop_appid {
            return Err(Foreign::DevelopAppid);
        }
        if !self.keys.is_empty() && !self.keys.contains(&push.key) {
            return Err(Foreign::Key);
        }
        Ok(())
    }
}
