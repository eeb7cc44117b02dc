//! 消息推送: a user follows an account, its owner pays, and the push is on its way.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    follow::Follow,
    outbox::ReleaseOrder,
    outgoing::{Outgoing, PushReport, Target},
};
use crate::{
    clock,
    error::ControlError,
    faults::{fault::FaultKind, subject::PUSH},
    sequence, test_data,
    world::{SharedWorld, World},
};

/// A user follows, and the push goes out as the follow asks for.
pub(crate) async fn follow(world: Arc<SharedWorld>, follow: Follow) -> Result<PushReport, ControlError> {
    follow.check()?;
    let (push, ended) = {
        let mut world = world.lock();
        let fields = book(&mut world, &follow)?;
        let (follow, fault) = meet_fault(&mut world, follow);
        let at = clock::rfc3339(world.clock.now());
        let anywhere = world.options.push_anywhere;
        let target = world.fensi.push_url.clone().map(|url| Target { url, anywhere });
        let push = Arc::new(Outgoing::new(at, follow, fault, fields, target));
        let ended = world.fensi.outbox.put(&push);
        (push, ended)
    };
    if !push.takes_its_time() {
        // A reset ends it without a word.
        let _ = ended.await;
    }
    Ok(push.report())
}

/// Sends what is held back.
pub(crate) async fn release(world: Arc<SharedWorld>, order: ReleaseOrder) -> Vec<PushReport> {
    let (released, ended) = world.lock().fensi.outbox.release(order);
    if !released.iter().any(|push| push.takes_its_time()) {
        // A reset ends them without a word.
        let _ = ended.await;
    }
    released.iter().map(|push| push.report()).collect()
}

/// A push that is to go out can be slowed down, or lost. Returns the fault's name.
fn meet_fault(world: &mut World, mut follow: Follow) -> (Follow, Option<String>) {
    if world.fensi.push_url.is_none() || follow.times == 0 {
        return (follow, None);
    }
    let Some(hit) = world.faults.due(&PUSH) else { return (follow, None) };
    match hit.fault.kind {
        FaultKind::SlowPush { over_ms } => follow.over = Duration::from_millis(over_ms.unwrap_or(5000)),
        _ => follow.times = 0,
    }
    world.faults.happened(&hit);
    (follow, Some(hit.fault.kind.name()))
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
        "server_url": world.options.public_url,
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
