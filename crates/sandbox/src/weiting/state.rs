//! The memory of 微厅: tokens and codes given out, tickets spent, notices and reports taken.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use jiff::{Timestamp, civil::Date};
use serde_json::{Value, json};

use crate::{clock, sequence, start_options::StartOptions, test_data, wire::parameters::Call};

/// Five minutes, as 微信's own codes (assumed).
const CODE_LIFE: Duration = Duration::from_mins(5);

#[derive(Default)]
pub(crate) struct Weiting {
    pub(super) tokens: Tokens,
    pub(super) codes: Codes,
    pub(super) spent_tickets: BTreeSet<String>,
    pub(super) refused_tickets: u64,
    pub(super) notices: Vec<Value>,
    pub(super) login_reports: Vec<Value>,
    pub(super) orders: Vec<Value>,
}

impl Weiting {
    /// Ends the token that a call carries; false where it carries no live one.
    pub(crate) fn end_token_of(&mut self, call: &Call, now: Timestamp) -> bool {
        call.query("access_token").is_some_and(|token| self.tokens.end(&token, now))
    }

    /// Refuses the next token fetch as the daily limit does.
    pub(crate) fn use_up_fetches(&mut self) {
        self.tokens.used_up = true;
    }

    pub(crate) fn state(&self, options: &StartOptions, now: Timestamp) -> Value {
        json!({
            "tokens": self.tokens.state(options, now),
            "codes": self.codes.state(),
            "users": test_data::OPENIDS,
            "tickets": test_data::TICKETS.map(|(ticket, mobile)| json!({
                "ticket": ticket,
                "mobile": mobile,
                "spent": self.spent_tickets.contains(ticket),
            })),
            "notices": self.notices,
            "login_reports": self.login_reports,
            "orders": self.orders,
        })
    }
}

#[derive(Default)]
pub(super) struct Tokens {
    pub(super) issued: Vec<Token>,
    /// Fetches of the Beijing day that `day` names.
    fetched: u32,
    day: Date,
    /// The next fetch is refused as one too many.
    used_up: bool,
}

pub(super) struct Token {
    pub(super) text: String,
    issued_at: Timestamp,
    pub(super) ends_at: Timestamp,
}

impl Tokens {
    fn fetched_on(&self, day: Date) -> u32 {
        if self.day == day { self.fetched } else { 0 }
    }

    /// True where a fetch now is one too many; asking spends a `quota-out`.
    pub(super) fn refuses_fetch(&mut self, options: &StartOptions, now: Timestamp) -> bool {
        std::mem::take(&mut self.used_up) || self.fetched_on(clock::beijing(now).date()) >= options.daily_limit
    }

    pub(super) fn issue(&mut self, options: &StartOptions, now: Timestamp) -> String {
        let day = clock::beijing(now).date();
        self.fetched = self.fetched_on(day) + 1;
        self.day = day;
        if options.single_token {
            for older in &mut self.issued {
                older.ends_at = older.ends_at.min(now);
            }
        }
        let text = token(self.issued.len() as u64 + 1);
        self.issued.push(Token { text: text.clone(), issued_at: now, ends_at: now + options.token_life });
        text
    }

    /// Ends a live token now; false where there is none of this text.
    fn end(&mut self, text: &str, now: Timestamp) -> bool {
        let live = self.issued.iter_mut().rev().find(|token| token.text == text && token.ends_at > now);
        let Some(token) = live else { return false };
        token.ends_at = now;
        true
    }

    fn state(&self, options: &StartOptions, now: Timestamp) -> Value {
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
            "daily_limit": options.daily_limit,
        })
    }
}

/// Forty characters; as in the documented sample the first is `=` and another stands inside, and there are a `+` and
/// a `/`.
fn token(n: u64) -> String {
    let head = STANDARD_NO_PAD.encode(sequence::digest("token", n));
    let tail = STANDARD_NO_PAD.encode(sequence::digest("token's end", n));
    format!("={}+{}={}/{}", &head[..10], &head[10..20], &tail[..8], &tail[8..16])
}

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
        self.live.insert(code.clone(), Code { openid: openid.to_owned(), ends_at: now + CODE_LIFE });
        code
    }

    /// The code's user, once.
    pub(super) fn spend(&mut self, code: &str, now: Timestamp) -> Option<String> {
        self.live.remove(code).filter(|code| code.ends_at > now).map(|code| code.openid)
    }

    fn state(&self) -> Vec<Value> {
        let shown = |(text, code): (&String, &Code)| json!({ "code": text, "openid": code.openid, "expires_at": clock::rfc3339(code.ends_at) });
        self.live.iter().map(shown).collect()
    }
}

pub(super) fn knows(openid: &str) -> bool {
    test_data::OPENIDS.contains(&openid)
}
