//! Both transports over HTTP, set up alike: what one does, the other does too.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use weifen_transport::{HyperTransport, ReqwestTransport, Resolver, Transport, TransportError};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Stack {
    Reqwest,
    Hyper,
}

pub(crate) const STACKS: [Stack; 2] = [Stack::Reqwest, Stack::Hyper];

#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) timeout: Option<Duration>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) body_cap: Option<usize>,
    pub(crate) ca_pem: Option<String>,
    pub(crate) resolver: Option<Arc<dyn Resolver>>,
    pub(crate) public_only: bool,
}

impl Stack {
    pub(crate) fn transport(self, settings: &Settings) -> Arc<dyn Transport> {
        let Settings { timeout, connect_timeout, body_cap, ca_pem, resolver, public_only } = settings;
        let (mut reqwest, mut hyper) = (ReqwestTransport::builder(), HyperTransport::builder());
        if let Some(time) = timeout {
            (reqwest, hyper) = (reqwest.timeout(*time), hyper.timeout(*time));
        }
        if let Some(time) = connect_timeout {
            (reqwest, hyper) = (reqwest.connect_timeout(*time), hyper.connect_timeout(*time));
        }
        if let Some(cap) = body_cap {
            (reqwest, hyper) = (reqwest.body_cap(*cap), hyper.body_cap(*cap));
        }
        if let Some(pem) = ca_pem {
            (reqwest, hyper) = (reqwest.ca_pem(pem.as_str()), hyper.ca_pem(pem.as_str()));
        }
        if let Some(resolver) = resolver {
            (reqwest, hyper) = (reqwest.resolver(resolver.clone()), hyper.resolver(resolver.clone()));
        }
        match self {
            Self::Reqwest => Arc::new(reqwest.public_only(*public_only).build().unwrap()),
            Self::Hyper => Arc::new(hyper.public_only(*public_only).build().unwrap()),
        }
    }
}

pub(crate) async fn get(transport: &dyn Transport, url: &str) -> Result<Response<Bytes>, TransportError> {
    transport.send(Request::get(url).body(Bytes::new()).unwrap()).await
}

/// Sends a GET by each transport, and returns the outcome, which must be the same.
pub(crate) async fn get_by_both(settings: &Settings, url: &str) -> Result<Response<Bytes>, TransportError> {
    let [reqwest, hyper] = STACKS.map(|stack| stack.transport(settings));
    let outcome = get(&*reqwest, url).await;
    let other = get(&*hyper, url).await;
    assert_eq!(told(&outcome), told(&other), "{outcome:?} by reqwest, {other:?} by hyper");
    outcome
}

fn told(outcome: &Result<Response<Bytes>, TransportError>) -> String {
    match outcome {
        Ok(reply) => format!("{} {:?}", reply.status(), reply.body()),
        Err(error) => format!("{error}: {}", error.fault().map(ToString::to_string).unwrap_or_default()),
    }
}
