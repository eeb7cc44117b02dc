//! 消息推送: a user follows an account, its owner pays, and the push is on its way.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    follow::Follow,
    push::Delivery,
    pushing::{Pushing, Target},
};
use crate::{
    ControlError, FaultKind, clock, faults, sequence, test_data,
    world::{SharedWorld, World},
};

/// A follow that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Followed {
    /// The push's fields, as they were or would have been posted.
    pub push: Value,
    /// What became of each time it was posted, in the order in which that was known; empty when no push URL is set.
    pub deliveries: Vec<Delivery>,
    /// How many times it is still to be posted or answered: late, slow, or held back. The state shows them end.
    pub outstanding: usize,
}

pub(crate) async fn perform(world: Arc<SharedWorld>, follow: Follow) -> Result<Followed, ControlError> {
    follow.check()?;
    let (pushing, ended) = {
        let mut world = world.lock();
        let push = book(&mut world, &follow)?;
        let (follow, fault) = meet_fault(&mut world, follow);
        let at = clock::rfc3339(world.clock.now());
        let anywhere = world.settings.push_anywhere;
        let target = world.fensi.push_url.clone().map(|url| Target { url, anywhere });
        let pushing = Arc::new(Pushing::new(at, follow, fault, push, target));
        let ended = world.fensi.outbox.put(&pushing);
        (pushing, ended)
    };
    if !pushing.takes_its_time() {
        // A reset ends it without a word.
        let _ = ended.await;
    }
    Ok(pushing.followed())
}

/// A push that is to go out can be slowed down, or lost.
fn meet_fault(world: &mut World, mut follow: Follow) -> (Follow, Option<FaultKind>) {
    if world.fensi.push_url.is_none() || follow.times == 0 {
        return (follow, None);
    }
    let Some(hit) = world.faults.due(&faults::PUSH) else { return (follow, None) };
    match hit.fault.kind() {
        FaultKind::LostPush => follow.times = 0,
        _ => follow.over = hit.fault.slowness(),
    }
    world.faults.happened(&hit);
    (follow, Some(hit.fault.kind()))
}

/// Notes the follow, takes the bid, and makes the push.
fn book(world: &mut World, follow: &Follow) -> Result<Value, ControlError> {
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
