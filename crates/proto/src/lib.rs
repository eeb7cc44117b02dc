#![doc = include_str!("../README.md")]
//!
//! ## Build a request, read its answer
//! Each request is a type of [`weiting`] or [`fensi`], such as [`weiting::OpenidByCodeRequest`]. [`Endpoint`] returns
//! its parameters and decodes the reply's body.
//!
//! ## Handle a refusal
//! [`NoAnswer`] separates a [`Refusal`] from an [`Undecodable`] body. [`Refusal::kind`] is for programs,
//! [`Refusal::message`] has the vendor's own words, [`RefusalKind::advice`] says what to do.
//!
//! ## Read a push
//! [`fensi::Push::parse`] reads JSON and forms.
//!
//! ## Cover every operation
//! [`weiting::OPERATIONS`] and [`fensi::OPERATIONS`] list them. An [`Operation`] has path, [`Encoding`], [`Access`]
//! and [`Repeat`], which says whether a call may be sent again.
//!
//! ## Notice that a vendor changed something
//! [`Endpoint::DOCUMENTED`] is the documented [`Shape`] of an answer. [`Shape::drifts`] returns each [`Drift`] from
//! it.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod bom;
mod broken_text;
mod catalogue;
#[cfg(any(feature = "weiting", feature = "fensi"))]
mod decode;
mod drift;
mod endpoint;
mod invalid_request;
mod known_refusal;
#[cfg(any(feature = "weiting", feature = "fensi"))]
mod lenient;
mod operation;
mod parameters;
mod printable;
mod refusal;
mod repetitions;
mod shape;
#[cfg(any(feature = "weiting", feature = "fensi"))]
mod text;
mod undecodable;

#[cfg(feature = "fensi")]
pub mod fensi;
#[cfg(feature = "weiting")]
pub mod weiting;

pub use catalogue::Entry;
pub use drift::{Drift, DriftKind, DriftObserver, JsonType};
pub use endpoint::Endpoint;
pub use invalid_request::InvalidRequest;
pub use known_refusal::KnownRefusal;
pub use operation::{Access, Encoding, Operation, Path, Repeat, Vendor};
pub use parameters::{Parameter, Parameters, Value};
pub use refusal::{CapResponse, NoAnswer, Refusal, RefusalKind};
pub use repetitions::repetitions;
pub use shape::{Field, Shape};
pub use undecodable::Undecodable;
