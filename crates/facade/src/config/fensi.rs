//! `[fensi]`: the client of 粉丝万岁.

use secrecy::SecretString;

use super::address::base_url;
use super::error::ConfigError;
use super::secret::{Secret, not_set};
use super::settings::Settings;
#[cfg(feature = "fensi")]
use crate::fensi::Encoding;

/// `[fensi]`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FensiConfig {
    /// `base_url`, without a slash at its end.
    pub base_url: String,
    develop_appid: Option<String>,
    pub(super) app_secret: Secret,
    key: Option<String>,
    /// `encoding` of the parameters.
    #[cfg(feature = "fensi")]
    pub encoding: Encoding,
    /// `plaintext`: true allows signed calls over plain http.
    pub plaintext: bool,
}

impl FensiConfig {
    pub(super) fn read(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            base_url: settings.value("fensi.base_url", base_url)?,
            develop_appid: settings.text("fensi.develop_appid")?.map(str::to_owned),
            app_secret: Secret::text_or_file(settings, "fensi.app_secret", "fensi.app_secret_file")?,
            key: settings.text("fensi.key")?.map(str::to_owned),
            #[cfg(feature = "fensi")]
            encoding: settings.word(
                "fensi.encoding",
                &[("json", Encoding::Json), ("form", Encoding::Form), ("get", Encoding::Query)],
            )?,
            plaintext: settings.boolean("fensi.plaintext")?,
        })
    }

    /// `develop_appid`.
    ///
    /// # Errors
    /// The key is not set.
    pub fn develop_appid(&self) -> Result<&str, ConfigError> {
        let develop_appid = self.develop_appid.as_deref();
        develop_appid.ok_or_else(|| not_set("fensi.develop_appid"))
    }

    /// `app_secret`, or the content of `app_secret_file`, which is read at the first call.
    ///
    /// # Errors
    /// The key is not set, or its file cannot be read or is empty.
    pub fn app_secret(&self) -> Result<SecretString, ConfigError> {
        self.app_secret.reveal()
    }

    /// `key` of the device.
    ///
    /// # Errors
    /// The key is not set.
    pub fn key(&self) -> Result<&str, ConfigError> {
        self.key.as_deref().ok_or_else(|| not_set("fensi.key"))
    }
}
