//! 消息推送: a user follows an account, its owner pays, and the push goes out.
//! Pushing late, out of order or not at all will be a matter of [`perform`].

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::push::{self, Delivery};
use crate::{
    ControlError, clock, sequence, test_data,
    world::{SharedWorld, World},
};

/// A user follows an account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    auth_open_id: String,
    #[serde(default)]
    appid: Option<String>,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

impl Follow {
    /// The user `auth_open_id` follows the account that they were offered last, and the push goes out once.
    pub fn by(auth_open_id: impl Into<String>) -> Self {
        Self { auth_open_id: auth_open_id.into(), appid: None, times: once() }
    }

    /// Another account of the pool; it need not have been offered.
    #[must_use]
    pub fn appid(mut self, appid: impl Into<String>) -> Self {
        self.appid = Some(appid.into());
        self
    }

    /// The same push goes out so often, from 1 to 100, one after the other. The bid is taken once.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }
}

/// A follow that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Followed {
    /// The push, as it was or would have been posted.
    pub push: Value,
    /// What became of each time it was posted; empty when no push URL is set.
    pub deliveries: Vec<Delivery>,
}

pub(crate) async fn perform(world: Arc<SharedWorld>, follow: Follow) -> Result<Followed, ControlError> {
    let (push, target, anywhere) = {
        let mut world = world.lock();
        let push = book(&mut world, &follow)?;
        (push, world.fensi.push_url.clone(), world.settings.push_anywhere)
    };
    let mut deliveries = Vec::new();
    if let Some(target) = &target {
        for _ in 0..follow.times {
            deliveries.push(push::deliver(target, &push, anywhere).await);
        }
    }
    let mut world = world.lock();
    let at = clock::rfc3339(world.clock.now());
    world.fensi.pushes.push(json!({ "at": at, "push": push, "deliveries": deliveries }));
    Ok(Followed { push, deliveries })
}

/// Notes the follow, takes the bid, and makes the push.
fn book(world: &mut World, follow: &Follow) -> Result<Value, ControlError> {
    if !(1..=100).contains(&follow.times) {
        return Err(ControlError::Times(follow.times));
    }
    let fensi = &mut world.fensi;
    let user = &follow.auth_open_id;
    let offers = fensi.offers.get(user).map(Vec::as_slice).unwrap_or_default();
    let appid = match (&follow.appid, offers.last()) {
        (Some(appid), _) => appid.as_str(),
        (None, Some(offer)) => offer.appid,
        (None, None) => return Err(ControlError::NeverOffered(user.clone())),
    };
    let account = fensi.accounts.iter_mut().find(|account| account.appid == appid);
    let account = account.ok_or_else(|| ControlError::UnknownAccount(appid.to_owned()))?;
    if !account.can_pay() {
        return Err(ControlError::NoBudget(appid.to_owned()));
    }
    account.budget -= account.bid;
    *fensi.follows.entry(user.clone()).or_default().entry(appid.to_owned()).or_default() += 1;

    let offer = offers.iter().find(|offer| offer.appid == appid);
    let mut push = json!({
        "server_url": world.settings.public_url,
        "key": offer.map_or(test_data::KEY, |offer| &offer.key),
        "develop_appid": test_data::DEVELOP_APPID,
        "auth_open_id": user,
        "bidding": account.bid,
        "appid": appid,
        "appname": account.appname,
        "openid": openid_at(appid, user),
        "nickname": offer.map_or("", |offer| &offer.nickname),
    });
    if let Some(state) = offer.and_then(|offer| offer.state.as_ref()) {
        push["state"] = json!(state);
    }
    Ok(push)
}

/// The same user has another openid at each account.
fn openid_at(appid: &str, auth_open_id: &str) -> String {
    format!("o{}", &sequence::hex(&format!("{auth_open_id} at {appid}"), 1)[..27])
}
