//! 粉丝万岁: three calls, the images its QR codes point to, and the push when a user follows.

pub(crate) mod follow;
pub(crate) mod followed;
mod lists;
pub(crate) mod outbox;
mod pool;
pub(crate) mod push;
mod pushing;
mod qrcode;
mod qrcode_image;
pub(crate) mod shape;
mod signature;
mod signed;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::Url;

use crate::exchange::{Operation, Reply};

pub(crate) static OPERATIONS: [&Operation; 4] =
    [&qrcode::OPERATION, &lists::SCENES, &lists::CITIES, &qrcode_image::OPERATION];

/// What 粉丝万岁 remembers.
pub(crate) struct Fensi {
    pub(crate) push_url: Option<Url>,
    accounts: Vec<pool::Account>,
    /// A user's offers, the last one last; one for each account.
    offers: BTreeMap<String, Vec<qrcode::Offer>>,
    qrcodes_issued: u64,
    /// Who followed which account, and how often.
    follows: BTreeMap<String, BTreeMap<String, u32>>,
    outbox: outbox::Outbox,
}

impl Fensi {
    pub(crate) fn new(push_url: Option<Url>) -> Self {
        Self {
            push_url,
            accounts: pool::accounts(),
            offers: BTreeMap::new(),
            qrcodes_issued: 0,
            follows: BTreeMap::new(),
            outbox: outbox::Outbox::default(),
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

    fn has_followed(&self, auth_open_id: &str, appid: &str) -> bool {
        self.follows.get(auth_open_id).is_some_and(|followed| followed.contains_key(appid))
    }
}

fn success(data: &Value) -> Reply {
    Reply::json(json!({ "code": 20000, "data": data, "message": "ok" }))
}

/// A refusal: it has no `data` (observed).
fn refusal(code: u32, message: &str, why: impl Into<String>) -> Reply {
    Reply::refusal(json!({ "code": code, "message": message }), why)
}
