//! `weifen weiting authorize-url` · 微信基本授权

use weifen::weiting::AuthorizeUrlRequest;

use crate::arguments::AuthorizeUrlArguments;
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, plain};
use crate::url_argument;

pub(crate) async fn run(arguments: AuthorizeUrlArguments, clients: &Clients) -> Result<Report, Failure> {
    let state = url_argument::without_password("--state", arguments.state)?;
    let request = AuthorizeUrlRequest::new(state).map_err(Failure::invalid::<AuthorizeUrlRequest>)?;
    let redirect = clients.weiting()?.authorize_url(&request).await?;
    let people = plain(redirect.as_str()).into_owned();
    Report::of("redirect", &redirect, people)
}
