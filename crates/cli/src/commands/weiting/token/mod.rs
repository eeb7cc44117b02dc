//! `weifen weiting token` · 获取AccessToken

mod refresh;
mod show;
mod watch;

use serde::Serialize;
use weifen::weiting::token::Token;

use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, pairs};
use crate::times::at;

pub(crate) use refresh::refresh;
pub(crate) use show::show;
pub(crate) use watch::watch;

#[derive(Serialize)]
struct Document<'a> {
    access_token: &'a str,
    expires_at: &'a str,
}

/// `weifen weiting token`
pub(crate) async fn current(clients: &Clients) -> Result<Report, Failure> {
    let weiting = clients.weiting()?;
    report(&weiting.tokens().until(clients.deadline(), weiting.access_token()).await?)
}

/// The report of a token: its value and its end.
fn report(token: &Token) -> Result<Report, Failure> {
    let expires_at = at(token.expires_at())?;
    let document = Document { access_token: token.value().as_str(), expires_at: &expires_at };
    let people =
        pairs([("access_token", document.access_token.to_owned()), ("expires_at", document.expires_at.to_owned())]);
    Report::new(&document, people)
}
