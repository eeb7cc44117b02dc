//! A request of any operation, and how it is sent.

use std::any::type_name;
use std::fmt::{self, Debug};

use async_trait::async_trait;
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

/// A request. Its `Debug` is that of the request's own type.
#[async_trait]
pub trait Call: Debug + Send + Sync {
    /// The path of the request's own type.
    fn type_name(&self) -> &'static str;

    /// The request's parameters.
    fn parameters(&self) -> Parameters<'_>;

    /// Sends it to its vendor.
    ///
    /// # Errors
    /// When the call fails.
    async fn send(&self, to: &Vendors) -> Result<Box<dyn Answer>, CallError>;
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

/// A request that 微厅's client sends.
pub(crate) struct ToWeiting<E>(pub(crate) E);

/// A request that 粉丝万岁's client sends.
pub(crate) struct ToFensi<E>(pub(crate) E);

/// The request that 微厅's client sends by itself.
pub(crate) struct ForToken(pub(crate) AccessTokenRequest);

#[async_trait]
impl<E: Endpoint<Answer: Debug + Serialize + 'static> + Debug> Call for ToWeiting<E> {
    fn type_name(&self) -> &'static str {
        type_name::<E>()
    }

    fn parameters(&self) -> Parameters<'_> {
        self.0.parameters()
    }

    async fn send(&self, to: &Vendors) -> Result<Box<dyn Answer>, CallError> {
        Ok(Box::new(to.weiting.call(&self.0).await?))
    }
}

#[async_trait]
impl<E: Endpoint<Answer: Debug + Serialize + 'static> + Debug> Call for ToFensi<E> {
    fn type_name(&self) -> &'static str {
        type_name::<E>()
    }

    fn parameters(&self) -> Parameters<'_> {
        self.0.parameters()
    }

    async fn send(&self, to: &Vendors) -> Result<Box<dyn Answer>, CallError> {
        Ok(Box::new(to.fensi.call(&self.0).await?))
    }
}

#[async_trait]
impl Call for ForToken {
    fn type_name(&self) -> &'static str {
        type_name::<AccessTokenRequest>()
    }

    fn parameters(&self) -> Parameters<'_> {
        self.0.parameters()
    }

    async fn send(&self, to: &Vendors) -> Result<Box<dyn Answer>, CallError> {
        Ok(Box::new(to.weiting.access_token().await?.value().clone()))
    }
}

impl<E: Debug> Debug for ToWeiting<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: Debug> Debug for ToFensi<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Debug for ForToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
