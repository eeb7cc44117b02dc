#![doc = include_str!("../README.md")]
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
