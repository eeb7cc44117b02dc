//! The token's store and its ledger: read, never written.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::timeout;
use weifen::config::TokenStoreUrl;
use weifen::transport::{BaseUrl, Plaintext, in_words};
use weifen::weiting::token::TokenKey;
use weifen::weiting::token::store::{Stored, day_ends_at};

use super::finding::Findings;
use super::patient::{Patient, SecretState};
use super::writing;
use crate::state_folder;
use crate::times::{at, span, until};

const STORE: &str = "weiting.token_store";

pub(super) async fn check(patient: Arc<Patient>) -> Findings {
    let mut findings = Findings::of("token");
    if !patient.uses("weiting.", "") {
        findings.ok("set up", "no: nothing of [weiting] is set");
        return findings;
    }
    if let Some(doubt) = patient.doubt(STORE) {
        findings.not_checked("store", doubt);
        return findings;
    }
    let store = match &patient.config().weiting.token_store {
        Some(store) => store.clone(),
        None => match state_folder::of_this_user() {
            Ok(folder) => TokenStoreUrl::File(folder.join("token.json")),
            Err(failure) => {
                let advice = failure.hint().unwrap_or_default().to_owned();
                findings.problem("store", failure.sentence(), advice);
                return findings;
            }
        },
    };
    look(&patient, store, &mut findings).await;
    findings
}

async fn look(patient: &Patient, store: TokenStoreUrl, findings: &mut Findings) {
    let mut config = patient.config().clone();
    config.weiting.token_store = Some(store.clone());
    let opened = match config.token_store() {
        Ok(opened) => opened,
        Err(error) => return findings.problem("store", in_words(&error), format!("correct {STORE}")),
    };
    let Ok(base_url) = BaseUrl::new(&patient.config().weiting.base_url, Plaintext::Allowed) else {
        return findings.not_checked("store", "weiting.base_url can't be used");
    };
    let key = key(patient, &base_url);
    // Any key will do to see if the store can be read.
    let any = TokenKey::new("", &base_url, &String::new().into());
    let loaded = timeout(patient.limit, opened.load(key.as_ref().unwrap_or(&any), SystemTime::now())).await;
    let stored = match loaded {
        Ok(Ok(stored)) => stored,
        Ok(Err(error)) => return findings.problem("store", in_words(&error), advice(&store)),
        Err(_) => {
            let found = format!("{store}: no answer within {} s", patient.limit.as_secs());
            return findings.problem("store", found, advice(&store));
        }
    };
    match &store {
        TokenStoreUrl::Memory => findings.warning(
            "store",
            "memory: each command starts without a token and fetches one",
            format!("set {STORE} to file:PATH or redis://HOST, or remove it"),
        ),
        TokenStoreUrl::File(path) => file(path, findings),
        _ => findings.ok("store", format!("{store}, reached")),
    }
    if key.is_none() {
        return findings.ok("ledger", "not checked: appid or secret of 微厅 is not known here");
    }
    token(&stored, patient.config().weiting.token_life, findings);
    ledger(patient, &stored, findings);
}

fn advice(store: &TokenStoreUrl) -> &'static str {
    match store {
        TokenStoreUrl::Redis(_) => {
            "check that Redis runs, and that weiting.token_store has the right address and password"
        }
        _ => "let this user read the file, or set weiting.token_store to another file",
    }
}

/// The key of this configuration's token in the store.
fn key(patient: &Patient, base_url: &BaseUrl) -> Option<TokenKey> {
    let appid = patient.config().weiting.appid().ok()?;
    let SecretState::Read(secret) = &patient.weiting_secret else { return None };
    patient.doubt("weiting.base_url").is_none().then(|| TokenKey::new(appid, base_url, secret))
}

fn file(path: &Path, findings: &mut Findings) {
    let found = if path.exists() { "exists" } else { "does not exist yet; the first fetch creates it" };
    let found = format!("file:{} {found}", path.display());
    match writing::obstacle(path, &[".lock"]) {
        None => findings.ok("store", found),
        Some(what) => findings.problem(
            "store",
            format!("{found}, and {} can't be written", what.display()),
            "let this user write the file, or set weiting.token_store to another file",
        ),
    }
}

fn token(stored: &Stored, life: Duration, findings: &mut Findings) {
    let Some(token) = &stored.token else {
        return findings.ok("token", "none yet; the first call fetches one");
    };
    let now = SystemTime::now();
    let left = token.expires_at().duration_since(now).unwrap_or_default();
    let generation = token.generation();
    if !token.is_believed(now, life) {
        let found = format!("generation {generation} expires too late: the clock was ahead when the token was fetched");
        let advice = "nothing: the next call fetches one; keep this machine's clock right";
        return findings.warning("token", found, advice);
    }
    if left.is_zero() {
        return findings.ok("token", format!("generation {generation}, expired; the next call fetches a token"));
    }
    let ends = moment(token.expires_at());
    findings.ok("token", format!("generation {generation}, valid for {} (until {ends})", span(left.as_secs())));
}

fn ledger(patient: &Patient, stored: &Stored, findings: &mut Findings) {
    let (fetches, limit) = (stored.fetches_today, patient.config().weiting.daily_limit);
    let found = format!("{fetches} of {limit} fetches today");
    if fetches >= limit {
        let turns = moment(day_ends_at(SystemTime::now()));
        let advice = format!("wait until {turns}, or raise weiting.daily_limit if the vendor allows more");
        findings.problem(
            "ledger",
            format!("{found}: no token can be fetched before the next day begins at {turns}"),
            advice,
        );
    } else if fetches.saturating_mul(10) >= limit.saturating_mul(9) {
        let advice = "find the program that fetches so often: programs without a shared store fetch a token each";
        findings.warning("ledger", found, advice);
    } else {
        findings.ok("ledger", found);
    }
    if let Some(until) = stored.braked_until {
        let found = format!("no fetch before {}: fetches failed, or tokens were rejected", ending(until));
        findings.warning("brake", found, "nothing, if this ends; else check appid and secret");
    }
    if let Some(until) = stored.taken_until {
        findings.ok("fetch", format!("another process holds the fetch lease until {}", ending(until)));
    }
}

fn moment(time: SystemTime) -> String {
    at(time).unwrap_or_else(|_| "a time out of range".to_owned())
}

fn ending(time: SystemTime) -> String {
    until(time).unwrap_or_else(|_| "a time out of range".to_owned())
}
