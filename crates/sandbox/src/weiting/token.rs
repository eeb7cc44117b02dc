//! `获取AccessToken` · `GET /service/1.0/access/token`; and the check of a token that every other operation makes.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use jiff::{Timestamp, civil::Date};
use serde_json::{Value, json};

use crate::{
    clock,
    exchange::{Method, Operation, Reply, Vendor},
    parameters::Call,
    sequence,
    settings::Settings,
    test_data,
    world::World,
};

pub(super) static OPERATION: Operation = Operation {
    vendor: Vendor::Weiting,
    name: "access_token",
    page: false,
    method: Method::Get,
    path: "/service/1.0/access/token",
    answer,
};

#[derive(Default)]
pub(super) struct Tokens {
    issued: Vec<Token>,
    /// Fetches of the Beijing day that `day` names.
    fetched: u32,
    day: Date,
    /// The next fetch is refused as one too many.
    used_up: bool,
}

struct Token {
    text: String,
    issued_at: Timestamp,
    ends_at: Timestamp,
}

impl Tokens {
    fn fetched_on(&self, day: Date) -> u32 {
        if self.day == day { self.fetched } else { 0 }
    }

    fn issue(&mut self, settings: &Settings, now: Timestamp) -> String {
        let day = clock::beijing(now).date();
        self.fetched = self.fetched_on(day) + 1;
        self.day = day;
        if settings.single_token {
            for older in &mut self.issued {
                older.ends_at = older.ends_at.min(now);
            }
        }
        let text = text(self.issued.len() as u64 + 1);
        self.issued.push(Token { text: text.clone(), issued_at: now, ends_at: now + settings.token_life });
        text
    }

    pub(super) fn use_up(&mut self) {
        self.used_up = true;
    }

    /// Ends a live token now; false where there is none of this text.
    pub(super) fn end(&mut self, text: &str, now: Timestamp) -> bool {
        let live = self.issued.iter_mut().rev().find(|token| token.text == text && token.ends_at > now);
        let Some(token) = live else { return false };
        token.ends_at = now;
        true
    }

    pub(super) fn state(&self, settings: &Settings, now: Timestamp) -> Value {
        let tokens = self.issued.iter().map(|token| {
            json!({
                "access_token": token.text,
                "issued_at": clock::rfc3339(token.issued_at),
                "expires_at": clock::rfc3339(token.ends_at),
                "live": token.ends_at > now,
            })
        });
        json!({
            "issued": tokens.collect::<Vec<_>>(),
            "fetched_today": self.fetched_on(clock::beijing(now).date()),
            "daily_limit": settings.daily_limit,
        })
    }
}

/// Forty characters; as in the documented sample the first is `=` and another stands inside, and there are a `+` and a `/`.
fn text(n: u64) -> String {
    let head = STANDARD_NO_PAD.encode(sequence::digest("token", n));
    let tail = STANDARD_NO_PAD.encode(sequence::digest("token's end", n));
    format!("={}+{}={}/{}", &head[..10], &head[10..20], &tail[..8], &tail[8..16])
}

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    let used_up = std::mem::take(&mut world.weiting.tokens.used_up);
    let appid = call.query("appid").unwrap_or_default();
    let secret = call.query("secret").unwrap_or_default();
    // Both refusals are assumed: the vendor documents none here.
    if appid != test_data::APPID || secret != test_data::SECRET {
        return Err(Reply::refusal(
            json!({ "status": 0, "errMsg": "appid或secret不正确" }),
            if appid == test_data::APPID {
                "the secret is another, or arrived changed: percent-encode it"
            } else {
                "no such appid"
            },
        ));
    }
    let now = world.clock.now();
    let tokens = &mut world.weiting.tokens;
    if used_up || tokens.fetched_on(clock::beijing(now).date()) >= world.settings.daily_limit {
        return Err(Reply::refusal(
            json!({ "status": 0, "errMsg": "今日获取access_token次数已达上限" }),
            "the Beijing day's fetches are used up",
        ));
    }
    let token = tokens.issue(&world.settings, now);
    Ok(Reply::json(json!({ "data": token, "status": 200, "info": 0 })))
}

/// Refuses a call whose query carries no live token (the shape is documented for one operation, assumed for all).
pub(super) fn check(world: &World, call: &Call) -> Result<(), Reply> {
    let given = call.query("access_token").unwrap_or_default();
    let now = world.clock.now();
    let issued = &world.weiting.tokens.issued;
    let why = match issued.iter().rev().find(|token| token.text == given) {
        Some(token) if token.ends_at > now => return Ok(()),
        Some(_) => "the token has ended",
        None if given.is_empty() => "the query has no access_token",
        None if issued.iter().any(|token| token.text.replace('+', " ") == given) => {
            "the token's + arrived as a space: percent-encode it"
        }
        None => "no such token was issued",
    };
    Err(Reply::refusal(json!({ "status": 0, "errMsg": "access_token校验异常" }), why))
}
