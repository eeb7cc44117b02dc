//! The memory of 粉丝万岁: accounts, offers, follows and pushes.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use super::{
    outbox::Outbox,
    pool::{self, Account},
};

pub(crate) struct Fensi {
    pub(crate) push_url: Option<Url>,
    pub(super) accounts: Vec<Account>,
    /// A user's offers, the last one last; one for each account.
    pub(super) offers: BTreeMap<String, Vec<Offer>>,
    pub(super) qrcodes_issued: u64,
    /// Number of follows, by user and account.
    pub(super) follows: BTreeMap<String, BTreeMap<String, u32>>,
    pub(super) outbox: Outbox,
}

/// A QR code that a user was given: what the push will carry comes from here.
#[derive(Clone, Serialize)]
pub(super) struct Offer {
    pub(super) at: String,
    pub(super) appid: &'static str,
    pub(super) key: String,
    pub(super) nickname: String,
    pub(super) state: Option<String>,
}

impl Fensi {
    pub(crate) fn new(push_url: Option<Url>) -> Self {
        Self {
            push_url,
            accounts: pool::accounts(),
            offers: BTreeMap::new(),
            qrcodes_issued: 0,
            follows: BTreeMap::new(),
            outbox: Outbox::default(),
        }
    }

    pub(crate) fn state(&self) -> Value {
        json!({
            "push_url": self.push_url.as_ref().map(Url::as_str),
            "accounts": self.accounts,
            "offers": self.offers,
            "follows": self.follows,
            "pushes": self.outbox.state(),
        })
    }

    pub(super) fn has_followed(&self, auth_open_id: &str, appid: &str) -> bool {
        self.follows.get(auth_open_id).is_some_and(|followed| followed.contains_key(appid))
    }
}
