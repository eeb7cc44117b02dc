//! A received push: its fields, and the text that is stored.

use std::net::IpAddr;

use bytes::Bytes;
use weifen_proto::fensi::{Push, check_identifier};
use weifen_proto::{InvalidRequest, Undecodable};

use crate::Rules;
use crate::identity::{Follow, Identity, StateDigest};
use crate::packet::Unreadable;
use crate::rules::Foreign;

/// A push of ours, ready to be stored.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// Its text, in UTF-8.
    pub(crate) raw: Bytes,
    pub(crate) key: String,
    pub(crate) auth_open_id: String,
    pub(crate) appid: String,
    pub(crate) state: StateDigest,
    pub(crate) identity: Identity,
    /// The time of its receipt, in milliseconds since 1970; `None` is now.
    pub(crate) came_at: Option<i64>,
    /// Address of its sender, if known.
    pub(crate) sender: Option<IpAddr>,
}

/// Reason to quarantine a request. It names fields and expectations, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Strange {
    #[error("the push cannot be read: {0}")]
    Unreadable(#[from] Unreadable),
    #[error("the push cannot be decoded: {0}")]
    Undecodable(#[from] Undecodable),
    #[error("the push is not ours: {0}")]
    Foreign(#[from] Foreign),
    /// PostgreSQL could not index it.
    #[error("the push cannot be stored: {0}")]
    TooLong(#[from] InvalidRequest),
}

impl Arrival {
    /// Reads a push, and refuses one that is not ours. The text that is stored is the one that was parsed: parsed
    /// again, it gives the same push.
    pub(crate) fn read(text: &Bytes, rules: &Rules) -> Result<Self, Strange> {
        let mut push = Push::parse(text)?;
        let mut raw = text.clone();
        if std::str::from_utf8(text).is_err() {
            raw = String::from_utf8_lossy(text).into_owned().into();
            push = Push::parse(&raw)?;
        }
        rules.check_ours(&push)?;
        check_identifier("auth_open_id", push.auth_open_id.as_str())?;
        check_identifier("appid", &push.appid)?;
        check_identifier("key", &push.key)?;
        let state = StateDigest::of(push.state.as_deref());
        let follow = Follow::new(&push.develop_appid, &push.appid, push.auth_open_id.as_str());
        let identity = Identity::new(follow, state, rules.on_second_follow());
        Ok(Self {
            raw,
            key: push.key,
            auth_open_id: push.auth_open_id.as_str().to_owned(),
            appid: push.appid,
            state,
            identity,
            came_at: None,
            sender: None,
        })
    }
}
