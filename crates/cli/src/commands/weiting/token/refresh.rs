//! `weifen weiting token refresh`: fetches a new token, and prints the cost first.

use weifen::weiting::token::Token;
use weifen::weiting::token::store::Stored;

use super::report;
use crate::arguments::RefreshArguments;
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, aside};

pub(crate) async fn refresh(clients: &Clients, arguments: &RefreshArguments) -> Result<Report, Failure> {
    let weiting = clients.weiting()?;
    let tokens = weiting.tokens();
    let stored = tokens.stored().await?;
    let generation = stored.token.as_ref().map(Token::generation);
    let replaced = arguments.rejected.is_some_and(|rejected| generation.is_some_and(|held| held != rejected));
    if !replaced && let Some(cost) = cost(&stored, tokens.policy().daily_limit) {
        aside(&cost);
    }
    let renewed = async {
        match arguments.rejected {
            Some(rejected) if generation == Some(rejected) => tokens.replace_rejected(rejected).await,
            Some(_) => tokens.current().await,
            None => tokens.refresh().await,
        }
    };
    report(&tokens.until(clients.deadline(), renewed).await?)
}

/// The cost of a fetch; `None` where nothing will be fetched.
fn cost(stored: &Stored, limit: u32) -> Option<String> {
    if stored.taken_until.is_some() {
        return Some(
            "another process is fetching a token; this command waits for it and costs no second fetch".to_owned(),
        );
    }
    let used = stored.fetches_today;
    if used >= limit || stored.braked_until.is_some() {
        return None;
    }
    let left = limit - used - 1;
    let are = if used == 1 { "is" } else { "are" };
    Some(format!("this costs 1 of today's {limit} token fetches; {used} {are} used, {left} will be left"))
}
