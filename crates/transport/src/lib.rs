#![doc = include_str!("../README.md")]
//!
//! ## Plug in a transport
//! Implement [`Transport`]. A [`TransportError`] says whether the request may have been sent.
//! [`testing::transport_conformance`] tests it. [`default_transport`] is the transport of clients that are given none.
//!
//! ## Decide after a failed call
//! [`CallError::outcome`] says whether the call may have taken effect, [`CallError::kind`] what failed,
//! [`CallError::is_retryable`] whether the same call may be repeated, [`CallError::hint`] what to do.
//!
//! ## Configure retries and timeouts
//! [`RepeatPolicy`] sets attempts, pauses and the total time. [`Deadline`] is the end of a call.
//!
//! ## Configure HTTP and TLS
//! [`ReqwestTransport::builder`] sets timeouts, proxy, certificates and the addresses to allow. [`BaseUrl`] and
//! [`Plaintext`] guard against plain http. [`NetworkFault`] and [`CertificateFault`] name the cause of a missing
//! reply.
//!
//! ## Limit rate and concurrency
//! [`TowerTransport::layered`].
//!
//! ## Test without a network
//! [`mock::Canned`] and [`mock::MockTransport`] give canned replies. [`cassette::Recorder`] records calls and
//! [`cassette::Replay`] replays them. [`mock::ManualClock`] is a clock that the test moves.
//!
//! ## Notice that a vendor changed something
//! A [`DriftObserver`] gets each [`Drift`].
#![cfg_attr(docsrs, feature(doc_cfg))]

mod bad_reply;
mod base_url;
mod build_error;
mod call_error;
mod call_observer;
mod call_report;
mod certificate_fault;
mod clock;
mod deadline;
mod drift_watch;
mod driver;
mod encode;
#[cfg(any(feature = "hyper", feature = "reqwest"))]
mod http_client;
#[cfg(feature = "hyper")]
mod hyper_transport;
mod jitter;
mod network_fault;
mod public_address;
mod repeat;
mod retry_after;
mod sent_texts;
mod store_error;
#[cfg(feature = "tls")]
mod tls;
mod transport;
mod transport_error;
mod withheld;

#[cfg(feature = "cassette")]
pub mod cassette;
#[cfg(feature = "mock")]
pub mod mock;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tower")]
mod tower_transport;

/// Attribute for implementations of [`Transport`].
pub use async_trait::async_trait;
pub use bad_reply::{BadReply, BodyFault};
pub use base_url::{BaseUrl, BaseUrlError, Plaintext};
pub use build_error::BuildError;
pub use bytes::Bytes;
pub use call_error::{CallError, ErrorKind, Failure, NotConfigured, Outcome, Unusable};
pub use call_observer::CallObserver;
pub use call_report::{CallReport, in_words};
pub use certificate_fault::CertificateFault;
pub use clock::{Clock, SystemClock};
pub use deadline::{Deadline, OutOfTime};
pub use drift_watch::DriftWatch;
pub use driver::Driver;
pub use encode::encode;
pub use http;
#[cfg(any(feature = "hyper", feature = "reqwest"))]
pub use http_client::Resolver;
#[cfg(feature = "hyper")]
pub use hyper_transport::{HyperTransport, HyperTransportBuilder};
pub use jitter::{Jitter, RandomJitter};
pub use network_fault::NetworkFault;
pub use public_address::{NotPublic, is_public};
pub use repeat::RepeatPolicy;
#[cfg(feature = "reqwest")]
pub use reqwest_transport::{ReqwestTransport, ReqwestTransportBuilder, is_past_proxy};
pub use retry_after::RetryAfter;
pub use store_error::{StoreError, StoreErrorKind};
#[cfg(feature = "tls")]
pub use tls::tls_client_config;
#[cfg(feature = "tower")]
pub use tower_transport::{TowerTransport, TransportService};
pub use transport::{Transport, default_transport};
pub use transport_error::{Source, TransportError};
pub use weifen_proto::{Drift, DriftKind, DriftObserver, JsonType, Vendor};
pub use withheld::Withheld;
