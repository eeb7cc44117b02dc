//! A push that has come in: what it says, and the bytes that said it.

use bytes::Bytes;
use weifen_proto::Undecodable;
use weifen_proto::fensi::Push;

use crate::Rules;
use crate::identity::{Follow, Identity, StateDigest};
use crate::rules::Foreign;

/// A push of ours, ready to be stored.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) raw: Bytes,
    pub(crate) key: String,
    pub(crate) state: StateDigest,
    pub(crate) identity: Identity,
}

/// Why something that came in goes to quarantine. It tells places and expectations, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Strange {
    #[error("it can't be understood: {0}")]
    Undecodable(#[from] Undecodable),
    #[error("it is not for us: {0}")]
    Foreign(#[from] Foreign),
}

impl Arrival {
    /// Reads a push and judges whether it is ours.
    pub(crate) fn read(raw: Bytes, rules: &Rules) -> Result<Self, Strange> {
        let push = Push::parse(&raw)?;
        rules.check_ours(&push)?;
        let state = StateDigest::of(push.state.as_deref());
        let follow = Follow::new(&push.develop_appid, &push.appid, push.auth_open_id.as_str());
        Ok(Self { raw, key: push.key, state, identity: Identity::new(follow, state, rules.on_second_follow()) })
    }
}
