//! A request of any operation, and how it is sent.

use std::any::type_name;
use std::fmt::{self, Debug};
use std::pin::Pin;

use serde::Serialize;
use serde_json::Value;
use weifen_fensi::Fensi;
use weifen_proto::{Endpoint, Parameters};
use weifen_transport::CallError;
use weifen_weiting::{AccessTokenRequest, Weiting};

/// The clients of both vendors.
#[derive(Debug, Clone)]
pub struct Vendors {
    /// The client of 微厅.
    pub weiting: Weiting,
    /// The client of 粉丝万岁.
    pub fensi: Fensi,
}

/// A call under way: it fails as the client's own method does.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Box<dyn Answer>, CallError>> + Send + 'a>>;

/// A request. Its `Debug` is that of the request's own type.
pub trait Call: Debug + Send + Sync {
    /// The path of the request's own type.
    fn type_name(&self) -> &'static str;

    /// The request's parameters.
    fn parameters(&self) -> Parameters<'_>;

    /// Sends it to its vendor.
    fn send<'a>(&'a self, to: &'a Vendors) -> Sending<'a>;
}

/// An answer. Its `Debug` is that of the answer's own type.
pub trait Answer: Debug + Send {
    /// The answer under the wire's names.
    fn json(&self) -> Value;
}

impl<T: Debug + Serialize + Send> Answer for T {
    fn json(&self) -> Value {
        serde_json::to_value(self).expect("an answer can be written")
    }
}

struct Request<E> {
    request: E,
    send: for<'a> fn(&'a E, &'a Vendors) -> Sending<'a>,
}

/// A request that 微厅's client sends.
pub(crate) fn to_weiting<E>(request: E) -> Box<dyn Call>
where
    E: Endpoint<Answer: Debug + Serialize + 'static> + Debug + 'static,
{
    Box::new(Request { request, send: |request, to| Box::pin(async { boxed(to.weiting.call(request).await) }) })
}

/// A request that 粉丝万岁's client sends.
pub(crate) fn to_fensi<E>(request: E) -> Box<dyn Call>
where
    E: Endpoint<Answer: Debug + Serialize + 'static> + Debug + 'static,
{
    Box::new(Request { request, send: |request, to| Box::pin(async { boxed(to.fensi.call(request).await) }) })
}

/// The request that 微厅's client sends by itself.
pub(crate) fn for_token(request: AccessTokenRequest) -> Box<dyn Call> {
    Box::new(Request {
        request,
        send: |_, to| Box::pin(async { boxed(to.weiting.access_token().await.map(|token| token.value().clone())) }),
    })
}

fn boxed<A: Answer + 'static>(answer: Result<A, CallError>) -> Result<Box<dyn Answer>, CallError> {
    Ok(Box::new(answer?))
}

impl<E: Endpoint + Debug> Call for Request<E> {
    fn type_name(&self) -> &'static str {
        type_name::<E>()
    }

    fn parameters(&self) -> Parameters<'_> {
        self.request.parameters()
    }

    fn send<'a>(&'a self, to: &'a Vendors) -> Sending<'a> {
        (self.send)(&self.request, to)
    }
}

impl<E: Debug> Debug for Request<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(f)
    }
}
