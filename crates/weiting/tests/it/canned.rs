//! A vendor with canned answers, and a client of it.

use std::sync::Arc;

use weifen_transport::mock::{Canned, ManualClock};
use weifen_transport::{Bytes, RepeatPolicy, http};
use weifen_weiting::{Weiting, WeitingBuilder};

pub(crate) const TOKEN: &str = "=jLdmlnLUyr-BzKfriqsMEr3X9=rRjrtSln9ryLcH";
pub(crate) const REJECTED: &str = r#"{"status": 0, "errMsg": "access_token校验异常"}"#;
pub(crate) const TOKEN_PATH: &str = "/service/1.0/access/token";

/// Answers token requests with a token, and every other request with `body`.
pub(crate) fn answering(body: &'static str) -> Arc<Canned> {
    Arc::new(Canned::by(move |request| Ok(if is_token(request) { token(TOKEN) } else { reply(body) })))
}

pub(crate) fn builder(vendor: &Arc<Canned>) -> WeitingBuilder {
    Weiting::builder("appid", "secret")
        .transport(vendor.clone())
        .repeats(RepeatPolicy::never())
        .clock(Arc::new(ManualClock::at(1_557_200_022)))
}

pub(crate) fn client(vendor: &Arc<Canned>) -> Weiting {
    builder(vendor).build().unwrap()
}

pub(crate) fn token_fetches(vendor: &Canned) -> usize {
    vendor.requests().iter().filter(|request| is_token(request)).count()
}

pub(crate) fn is_token(request: &http::Request<Bytes>) -> bool {
    request.uri().path() == TOKEN_PATH
}

pub(crate) fn reply(body: &'static str) -> http::Response<Bytes> {
    http::Response::new(body.into())
}

pub(crate) fn token(value: &str) -> http::Response<Bytes> {
    http::Response::new(format!(r#"{{"data": "{value}", "status": 200, "info": 0}}"#).into())
}
