#![doc = include_str!("../README.md")]
//!
//! ## Make a client from the configuration
//! [`Config::from_process_env`], then [`Weifen::builder`], [`Weifen::weiting`] and [`Weifen::fensi`].
//!
//! ## Load the configuration from elsewhere
//! [`config::Sources`] layers files, texts, variables and settings of the program.
//! [`ConfigError`](config::ConfigError) names file, line and key.
//!
//! ## Call an operation
//! See [`weiting::Weiting`] and [`fensi::Fensi`].
//!
//! ## Receive pushes
//! See [`inbox::Inbox`]. [`Config::inbox_database`] and [`Config::inbox_rules`] are its settings;
//! [`WeifenBuilder::bookings`] books each QR code in it.
//!
//! ## Plug in a transport, a token store or a clock
//! [`WeifenBuilder::transport`], [`WeifenBuilder::token_store`], [`WeifenBuilder::clock`].
//!
//! ## Test against simulated vendors
//! [`sandbox::Sandbox`].
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
pub mod config;
#[cfg(feature = "inbox")]
mod configured_inbox;
mod configured_transport;
mod setup_error;
#[cfg(feature = "weiting")]
mod token_store;

pub use builder::{Weifen, WeifenBuilder};
pub use config::Config;
pub use setup_error::SetupError;

/// The protocol without I/O: operations, answers, refusals.
pub use weifen_proto as proto;
/// Sending of calls: the transport, the call's error, the clock.
pub use weifen_transport as transport;

/// The client of 粉丝万岁.
#[cfg(feature = "fensi")]
pub use weifen_fensi as fensi;
/// The durable inbox for the pushes of 粉丝万岁.
#[cfg(feature = "inbox")]
pub use weifen_inbox as inbox;
/// The journal of calls, for programs that are asked again.
#[cfg(feature = "journal")]
pub use weifen_journal as journal;
/// The simulator of both vendors.
#[cfg(feature = "sandbox")]
pub use weifen_sandbox as sandbox;
/// The signature of 粉丝万岁.
#[cfg(feature = "fensi")]
pub use weifen_sign as sign;
/// The client of 微厅.
#[cfg(feature = "weiting")]
pub use weifen_weiting as weiting;

/// The programs of the project's front page.
#[cfg(all(doctest, feature = "weiting", feature = "inbox"))]
#[doc = include_str!("../../../README.md")]
struct FrontPage;

/// The same page in Chinese.
#[cfg(all(doctest, feature = "weiting", feature = "inbox"))]
#[doc = include_str!("../../../docs/zh/README.md")]
struct FrontPageInChinese;
