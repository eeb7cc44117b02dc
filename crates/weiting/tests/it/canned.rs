//! A transport that answers by path and keeps what it was sent.

use std::sync::{Arc, Mutex};

use weifen_transport::mock::ManualClock;
use weifen_transport::{Bytes, RepeatPolicy, Transport, TransportError, async_trait, http};
use weifen_weiting::{Weiting, WeitingBuilder};

pub(crate) const TOKEN: &str = "=jLdmlnLUyr-BzKfriqsMEr3X9=rRjrtSln9ryLcH";
pub(crate) const REJECTED: &str = r#"{"status": 0, "errMsg": "access_token校验异常"}"#;
pub(crate) const TOKEN_PATH: &str = "/service/1.0/access/token";

type Answer = Box<dyn Fn(&http::Request<Bytes>) -> Result<String, TransportError> + Send + Sync>;

pub(crate) struct Canned {
    answer: Answer,
    requests: Mutex<Vec<http::Request<Bytes>>>,
}

impl Canned {
    pub(crate) fn new(
        answer: impl Fn(&http::Request<Bytes>) -> Result<String, TransportError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { answer: Box::new(answer), requests: Mutex::default() })
    }

    /// Answers token requests with a token, and every other request with `body`.
    pub(crate) fn answering(body: &'static str) -> Arc<Self> {
        Self::new(move |request| Ok(if is_token(request) { token(TOKEN) } else { body.to_owned() }))
    }

    pub(crate) fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn token_fetches(&self) -> usize {
        self.requests().iter().filter(|request| is_token(request)).count()
    }

    pub(crate) fn builder(self: &Arc<Self>) -> WeitingBuilder {
        Weiting::builder("appid", "secret")
            .transport(self.clone())
            .repeats(RepeatPolicy::never())
            .clock(Arc::new(ManualClock::at(1_557_200_022)))
    }

    pub(crate) fn client(self: &Arc<Self>) -> Weiting {
        self.builder().build().unwrap()
    }
}

pub(crate) fn is_token(request: &http::Request<Bytes>) -> bool {
    request.uri().path() == TOKEN_PATH
}

pub(crate) fn token(value: &str) -> String {
    format!(r#"{{"data": "{value}", "status": 200, "info": 0}}"#)
}

impl std::fmt::Debug for Canned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Canned")
    }
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        self.requests.lock().unwrap().push(request.clone());
        (self.answer)(&request).map(|body| http::Response::new(body.into()))
    }
}
