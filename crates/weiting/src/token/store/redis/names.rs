//! The names of a token's keys in Redis.

use crate::token::TokenKey;

/// Names of a token's three keys. The braces keep all keys of a script on one node of a cluster.
pub(super) struct Names {
    pub(super) record: String,
    pub(super) lease: String,
    pub(super) ledger: String,
}

impl Names {
    pub(super) fn of(key: &TokenKey) -> Self {
        let account = key.account();
        Self {
            record: format!("weifen:{{{account}}}:token:{key}"),
            lease: format!("weifen:{{{account}}}:lease:{key}"),
            ledger: format!("weifen:{{{account}}}:ledger"),
        }
    }
}
