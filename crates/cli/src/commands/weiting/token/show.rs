//! `weifen weiting token show`: the stored token and its counters. Fetches nothing, and prints no whole token.

use std::time::SystemTime;

use serde::Serialize;
use weifen::config::TokenStoreUrl;
use weifen::weiting::token::Token;
use weifen::weiting::token::store::{Stored, day_ends_at};

use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, pairs};
use crate::times::{at, span, until};

/// Number of characters of a token that are shown, and the length that it needs for that.
const SHOWN: usize = 4;
const LONG: usize = 16;

/// Absent values are `null`.
#[derive(Debug, Serialize)]
struct Document {
    access_token: Option<String>,
    generation: Option<u64>,
    age_s: Option<u64>,
    expires_in_s: Option<u64>,
    expires_at: Option<String>,
    fetches_today: u32,
    daily_limit: u32,
    fetches_left: u32,
    braked_until: Option<String>,
    taken_until: Option<String>,
    store: String,
    key: String,
}

pub(crate) async fn show(clients: &Clients) -> Result<Report, Failure> {
    let store = clients.token_store()?;
    let weiting = clients.weiting()?;
    let tokens = weiting.tokens();
    let stored = tokens.stored().await?;
    let limit = tokens.policy().daily_limit;
    let document = document(&stored, limit, store.to_string(), tokens.key().to_string())?;
    let day_turns = at(day_ends_at(SystemTime::now()))?;
    let people = people(&document, matches!(store, TokenStoreUrl::Memory), &day_turns);
    Report::new(&document, people)
}

fn document(stored: &Stored, daily_limit: u32, store: String, key: String) -> Result<Document, Failure> {
    let now = SystemTime::now();
    let token = stored.token.as_ref();
    Ok(Document {
        access_token: token.map(masked),
        generation: token.map(Token::generation),
        age_s: token.map(|token| seconds(token.fetched_at(), now)),
        expires_in_s: token.map(|token| seconds(now, token.expires_at())),
        expires_at: token.map(|token| at(token.expires_at())).transpose()?,
        fetches_today: stored.fetches_today,
        daily_limit,
        fetches_left: daily_limit.saturating_sub(stored.fetches_today),
        braked_until: stored.braked_until.map(until).transpose()?,
        taken_until: stored.taken_until.map(until).transpose()?,
        store,
        key,
    })
}

/// The first characters of a long token, which tell it from the next; none of a short one.
fn masked(token: &Token) -> String {
    let text = token.value().as_str();
    let shown = if text.chars().count() < LONG { 0 } else { SHOWN };
    text.chars().take(shown).chain(['…']).collect()
}

/// Whole seconds from one moment to another; 0 if the other is earlier.
fn seconds(from: SystemTime, to: SystemTime) -> u64 {
    to.duration_since(from).unwrap_or_default().as_secs()
}

fn people(document: &Document, in_memory: bool, day_turns: &str) -> String {
    let none = if in_memory { "none: a store in memory is empty when a command starts" } else { "none" };
    let mut rows = vec![("access_token", document.access_token.clone().unwrap_or_else(|| none.to_owned()))];
    let left = document.expires_in_s.map(|left| if left == 0 { "ended".to_owned() } else { span(left) });
    let known = [
        ("generation", document.generation.map(|generation| generation.to_string())),
        ("age", document.age_s.map(span)),
        ("time left", left),
        ("expires_at", document.expires_at.clone()),
    ];
    rows.extend(known.into_iter().filter_map(|(name, value)| Some((name, value?))));
    let Document { fetches_today, daily_limit, fetches_left, .. } = document;
    rows.push(("fetches today", format!("{fetches_today} of {daily_limit}; {fetches_left} left")));
    if *fetches_left == 0 {
        rows.push(("next fetch", format!("not today; the next day begins at {day_turns}")));
    } else if let Some(until) = &document.braked_until {
        rows.push(("next fetch", format!("not before {until}")));
    }
    if let Some(until) = &document.taken_until {
        rows.push(("being fetched", format!("by another process, until {until} at the latest")));
    }
    rows.extend([("store", document.store.clone()), ("key", document.key.clone())]);
    pairs(rows)
}
