//! `[weiting]`: the client of 微厅 and the life of its access token.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::address::{PrivateUrl, base_url};
use super::error::{ConfigError, Origin};
use super::secret::{Secret, not_set};
use super::settings::Settings;
#[cfg(feature = "weiting")]
use crate::weiting::BodyEncoding;

/// The store of the access token.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TokenStoreUrl {
    /// `memory`: in this process.
    Memory,
    /// `file:PATH`: shared by the processes of a machine.
    File(PathBuf),
    /// `redis://…`, or `rediss://…` over TLS: shared by machines, with feature `redis`.
    Redis(PrivateUrl),
}

impl TokenStoreUrl {
    pub(super) fn read(settings: &Settings, key: &'static str) -> Result<Option<Self>, ConfigError> {
        if let Some(path) = settings.path_after(key, "file:")? {
            return Ok(Some(Self::File(path)));
        }
        settings.parsed(key, |text| match text {
            "memory" => Some(Self::Memory),
            _ => PrivateUrl::parse(text, &["redis", "rediss"], true).map(Self::Redis),
        })
    }
}

/// Prints it as the configuration has it; of a Redis URL only scheme, host, port and database.
impl fmt::Display for TokenStoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Redis(url) => url.fmt(f),
        }
    }
}

/// `[weiting]`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WeitingConfig {
    /// `base_url`, without a slash at its end.
    pub base_url: String,
    appid: Option<String>,
    pub(super) secret: Secret,
    /// `plaintext`: true allows credentials over plain http.
    pub plaintext: bool,
    /// `user_path`: the path of 通过OPENID获取微信绑定用户信息, for which the vendor documents none.
    pub user_path: Option<String>,
    /// `encoding` of the operations for which the vendor documents none.
    #[cfg(feature = "weiting")]
    pub encoding: BodyEncoding,
    /// `token_store`; `None` where it is not set. A library then uses [`TokenStoreUrl::Memory`]; a program with
    /// another default sets it here.
    pub token_store: Option<TokenStoreUrl>,
    /// `token_life_s`: life of a token.
    pub token_life: Duration,
    /// `refresh_before_s`: time before its end at which a token is renewed. Always less than `token_life`.
    pub refresh_before: Duration,
    /// `daily_limit`: number of token fetches per Beijing day.
    pub daily_limit: u32,
}

impl WeitingConfig {
    pub(super) fn read(settings: &Settings) -> Result<Self, ConfigError> {
        let config = Self {
            base_url: settings.value("weiting.base_url", base_url)?,
            appid: settings.text("weiting.appid")?.map(str::to_owned),
            secret: Secret::text_or_file(settings, "weiting.secret", "weiting.secret_file")?,
            plaintext: settings.boolean("weiting.plaintext")?,
            user_path: settings.parsed("weiting.user_path", absolute_path)?,
            #[cfg(feature = "weiting")]
            encoding: settings
                .word("weiting.encoding", &[("form", BodyEncoding::Form), ("json", BodyEncoding::Json)])?,
            token_store: TokenStoreUrl::read(settings, "weiting.token_store")?,
            token_life: settings.seconds("weiting.token_life_s")?,
            refresh_before: settings.seconds("weiting.refresh_before_s")?,
            daily_limit: settings.integer("weiting.daily_limit")?,
        };
        if config.refresh_before >= config.token_life {
            return Err(config.renewed_too_early(settings));
        }
        Ok(config)
    }

    /// Error at the key that was given; the other may have its default.
    fn renewed_too_early(&self, settings: &Settings) -> ConfigError {
        let (life, before) = ("weiting.token_life_s", "weiting.refresh_before_s");
        if settings.origin(before) == Origin::Default {
            let seconds = self.refresh_before.as_secs();
            settings.wrong(life, &format!("more than {before}, which is {seconds}"))
        } else {
            let seconds = self.token_life.as_secs();
            settings.wrong(before, &format!("less than {life}, which is {seconds}"))
        }
    }

    /// `appid`.
    ///
    /// # Errors
    /// The key is not set.
    pub fn appid(&self) -> Result<&str, ConfigError> {
        self.appid.as_deref().ok_or_else(|| not_set("weiting.appid"))
    }

    /// `secret`, or the content of `secret_file`, which is read at the first call.
    ///
    /// # Errors
    /// The key is not set, or its file cannot be read or is empty.
    pub fn secret(&self) -> Result<SecretString, ConfigError> {
        self.secret.reveal()
    }
}

fn absolute_path(text: &str) -> Option<String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?' && byte != b'#');
    (text.starts_with('/') && plain).then(|| text.to_owned())
}
