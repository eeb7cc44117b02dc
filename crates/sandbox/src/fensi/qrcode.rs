//! 获取公众号二维码 · `/open/commercial/get_qrcode`, by any method

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value, json};

use super::{
    envelope::{refusal, success},
    middleware,
    pool::{self, Account, Match, Sex, Wanted},
    qrcode_image,
    state::Offer,
};
use crate::{
    clock,
    operation::Operation,
    wire::{parameters::Call, reply::Reply},
    world::World,
};

/// Seconds that a QR code is offered for (the documented example's; the sandbox serves the image beyond them).
const EXPIRE: u32 = 120;

pub(crate) static OPERATION: Operation = Operation::fensi("qrcode", "/open/commercial/get_qrcode", answer);

struct Asked {
    key: String,
    auth_open_id: String,
    nickname: String,
    ip: IpAddr,
}

/// The validators of this operation (the texts are observed, their order is assumed).
fn asked(call: &Call) -> Result<Asked, Reply> {
    let key = middleware::required(call, "key", "设备key值不能为空！")?;
    let auth_open_id = middleware::required(call, "auth_open_id", "用户授权的open_id不能为空")?;
    let nickname = middleware::required(call, "nickname", "用户授权的昵称不能为空")?;
    let ip = middleware::required(call, "ip", "请传入粉丝的IP地址！")?;
    let ip = ip.parse().map_err(|_| refusal(50000, "IP地址不正确", format!("{ip:?} is not an IP address")))?;
    Ok(Asked { key, auth_open_id, nickname, ip })
}

/// `None` for a sex or scene that no account can fit.
fn wanted(call: &Call) -> Option<Wanted> {
    let sex = match call.trimmed("sex").as_deref() {
        // No validator was observed for an absent sex: taken as "any" (assumed).
        None | Some("0") => Sex::Any,
        Some("1") => Sex::Male,
        Some("2") => Sex::Female,
        Some(_) => return None,
    };
    let scene = match call.trimmed("label") {
        None => None,
        Some(label) => Some(label.parse().ok()?),
    };
    Some(Wanted { sex, scene })
}

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    middleware::check(call)?;
    let asked = asked(call)?;
    let account = matched(world, call, &asked.auth_open_id)?;
    let (appid, appname, bid, code) = (account.appid, account.appname, account.bid, account.verification_code);

    let offer = Offer {
        at: clock::rfc3339(world.clock.now()),
        appid,
        key: asked.key.clone(),
        nickname: asked.nickname.clone(),
        state: call.trimmed("state"),
    };
    let offers = world.fensi.offers.entry(asked.auth_open_id.clone()).or_default();
    offers.retain(|older| older.appid != appid);
    offers.push(offer);
    world.fensi.qrcodes_issued += 1;

    Ok(success(&json!({
        "key": asked.key,
        "develop_appid": call.trimmed("develop_appid"),
        "nickname": asked.nickname,
        "city_code": city(asked.ip),
        "auth_open_id": asked.auth_open_id,
        "bidding": bid,
        "appid": appid,
        "appname": appname,
        "code": code,
        "expire": EXPIRE,
        "qrcode_url": qrcode_image::url(&world.options.public_url, world.fensi.qrcodes_issued),
    })))
}

fn matched<'a>(world: &'a World, call: &Call, auth_open_id: &str) -> Result<&'a Account, Reply> {
    let nothing = |why| Err(refusal(50000, "暂无匹配的公众号！", why));
    let Some(wanted) = wanted(call) else {
        return nothing("sex is not 0, 1 or 2, or label is not a number");
    };
    let fensi = &world.fensi;
    match pool::find(&fensi.accounts, &wanted, |appid| fensi.has_followed(auth_open_id, appid)) {
        Match::Account(account) => Ok(account),
        Match::Nothing => nothing("no account is left for this user, sex and scene"),
        Match::NoBudget => Err(refusal(
            50001,
            "对不起，您当前匹配到的公众号吸粉客户的钱包余额不足！",
            "the account that fits has less budget than its bid",
        )),
        Match::Broken => Err(refusal(50002, "生成二维码失败请稍后再试！", "the account that fits is a broken one")),
    }
}

/// Beijing for addresses in 202.106.0.0/16 and null for other IPv4 ones, so that both can be had. The table of cities
/// knows IPv4 alone: "" for IPv6 (observed), also for that which stands for an IPv4 address (assumed).
fn city(ip: IpAddr) -> Value {
    match ip {
        IpAddr::V4(ip) if ip & Ipv4Addr::new(255, 255, 0, 0) == Ipv4Addr::new(202, 106, 0, 0) => json!(1),
        IpAddr::V4(_) => Value::Null,
        IpAddr::V6(_) => json!(""),
    }
}
