//! `weifen weiting token` · 获取AccessToken

use jiff::Timestamp;
use serde::Serialize;

use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, pairs};

#[derive(Serialize)]
struct Document<'a> {
    access_token: &'a str,
    expires_at: &'a str,
}

pub(crate) async fn run(clients: &Clients) -> Result<Report, Failure> {
    let token = clients.weiting()?.access_token().await?;
    let ends = Timestamp::try_from(token.expires_at());
    let ends = ends.map_err(|_| Failure::internal("the token's end lies outside of the calendar"))?;
    let expires_at = Timestamp::constant(ends.as_second(), 0).to_string();
    let document = Document { access_token: token.value().as_str(), expires_at: &expires_at };
    let people =
        pairs([("access_token", document.access_token.to_owned()), ("expires_at", document.expires_at.to_owned())]);
    Report::new(&document, people)
}
