//! The configuration of every part of weifen: `[weiting]`, `[fensi]`, `[http]`, `[serve]`, `[api]`.
//!
//! All sections are understood whatever features are on; a section whose part is left out is
//! checked and unused. [`Sources`] says where values come from, [`Config`] is what came out.
//!
//! Secrets are named by the configuration and read when they are asked for
//! ([`WeitingConfig::secret`] and the like). No error, `Debug` or `Display` here shows a value that
//! is or may hold a secret.

mod address;
mod api;
mod error;
mod fensi;
mod found_file;
mod http;
mod key;
mod keys;
mod pages;
mod provenance;
mod secret;
mod serve;
mod service_links;
mod settings;
mod source;
mod spelling;
mod text_file;
mod weiting;
mod written_path;

use std::path::{Path, PathBuf};

pub use address::PrivateUrl;
pub use api::{ApiCaller, ApiConfig, Scope};
pub use error::{ConfigError, Origin};
pub use fensi::FensiConfig;
pub use found_file::Distrust;
pub use http::HttpConfig;
pub use ipnet::IpNet;
pub use pages::{example, reference, reference_in_chinese, schema};
pub use provenance::{Examination, Provenance};
pub use serve::{DatabaseUrl, Delivery, ForeignDevice, ServeConfig};
pub use source::Sources;
pub use weiting::{TokenStoreUrl, WeitingConfig};
pub use written_path::{PathFault, written_path};

use settings::Settings;

/// The name of the file that is searched for. One that is found must belong to this user or root, and nobody else may
/// be able to write it ([`Distrust`]).
pub const FILE_NAME: &str = "weifen.toml";

/// The whole configuration, checked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// `[weiting]`.
    pub weiting: WeitingConfig,
    /// `[fensi]`.
    pub fensi: FensiConfig,
    /// `[http]`.
    pub http: HttpConfig,
    /// `[serve]`.
    pub serve: ServeConfig,
    /// `[api]`.
    pub api: ApiConfig,
    file: Option<PathBuf>,
    stdin_key: Option<&'static str>,
    origins: Vec<(&'static str, Origin)>,
}

impl Config {
    /// The configuration of this process: see [`Sources::from_process_env`].
    ///
    /// # Errors
    /// The first thing that is wrong in file or environment.
    pub fn from_process_env() -> Result<Self, ConfigError> {
        Sources::from_process_env().load()
    }

    fn read(settings: &Settings, file: Option<PathBuf>) -> Result<Self, ConfigError> {
        settings.check_choices()?;
        Ok(Self {
            weiting: WeitingConfig::read(settings)?,
            fensi: FensiConfig::read(settings)?,
            http: HttpConfig::read(settings)?,
            serve: ServeConfig::read(settings)?,
            api: ApiConfig::read(settings)?,
            file,
            stdin_key: secret::check_stdin(settings)?,
            origins: settings.origins(),
        })
    }

    /// The configuration file that was read, if one was.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The key whose value is `-`, if there is one: asking for its secret reads stdin.
    pub fn stdin_key(&self) -> Option<&'static str> {
        self.stdin_key
    }

    /// Where the value of `section.key` was given; `None` where there is no such key.
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        let (_, origin) = self.origins.iter().find(|(known, _)| *known == key)?;
        Some(origin)
    }

    /// Every key but those of `[[api.callers]]` as `section.key`, and where its value was given.
    pub fn origins(&self) -> impl Iterator<Item = (&'static str, &Origin)> {
        self.origins.iter().map(|(key, origin)| (*key, origin))
    }
}
