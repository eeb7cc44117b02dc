//! 获取openid · `POST /service/wxoauth/2.0/getOpenidByCode`

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::token;
use crate::{
    clock,
    exchange::{Method, Operation, Reply, Vendor},
    parameters::Call,
    sequence,
    world::World,
};

/// Five minutes, as 微信's own codes (assumed).
const LIFE: Duration = Duration::from_mins(5);

pub(super) static OPERATION: Operation = Operation {
    vendor: Vendor::Weiting,
    name: "openid_by_code",
    page: false,
    method: Method::Post,
    path: "/service/wxoauth/2.0/getOpenidByCode",
    answer,
};

#[derive(Default)]
pub(super) struct Codes {
    live: BTreeMap<String, Code>,
    issued: u64,
}

struct Code {
    openid: String,
    ends_at: Timestamp,
}

impl Codes {
    /// Base64 of 24 hex digits (documented by example).
    pub(super) fn issue(&mut self, openid: &str, now: Timestamp) -> String {
        self.live.retain(|_, code| code.ends_at > now);
        self.issued += 1;
        let code = STANDARD.encode(&sequence::hex("code", self.issued)[..24]);
        self.live.insert(code.clone(), Code { openid: openid.to_owned(), ends_at: now + LIFE });
        code
    }

    /// The code's user, once.
    fn spend(&mut self, code: &str, now: Timestamp) -> Option<String> {
        self.live.remove(code).filter(|code| code.ends_at > now).map(|code| code.openid)
    }

    pub(super) fn state(&self) -> Vec<Value> {
        let shown = |(text, code): (&String, &Code)| json!({ "code": text, "openid": code.openid, "expires_at": clock::rfc3339(code.ends_at) });
        self.live.iter().map(shown).collect()
    }
}

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    token::check(world, call)?;
    let now = world.clock.now();
    let code = call.text("code").unwrap_or_default();
    let openid = world.weiting.codes.spend(&code, now).ok_or_else(|| {
        Reply::refusal(
            json!({ "status": 40005, "errMsg": "code 已过期" }),
            "the code is absent, unknown, spent or older than five minutes",
        )
    })?;
    Ok(Reply::json(json!({ "status": 200, "openid": openid })))
}
