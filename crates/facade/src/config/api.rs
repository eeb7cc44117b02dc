//! `[api]`: the HTTP API of `weifen serve`, and its callers.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::error::{ConfigError, Origin};
use super::secret::{Secret, not_set};
use super::settings::Settings;

/// Least number of characters of a key.
const SHORTEST_KEY: usize = 32;

/// Largest number of characters of a name.
const LONGEST_NAME: usize = 64;

/// `[api]`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ApiConfig {
    /// `listen`: address of the API; `None`: it is off.
    pub listen: Option<SocketAddr>,
    /// `origins`: pages that may ask for the status of a booking.
    pub origins: Vec<String>,
    /// `max_waiters`: number of requests that may wait at once; those beyond are answered at once.
    pub max_waiters: usize,
    /// `idempotency.keep_h`: time for which an answer is given again to a call under the same key.
    pub keep_answers: Duration,
    listen_origin: Origin,
    callers: Vec<ApiCaller>,
}

/// `[[api.callers]]`: a program that may use the API.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ApiCaller {
    /// `name` of the caller in the log; unique among all callers.
    pub name: String,
    keys: Secret,
    /// `scopes`: the actions that it may take.
    pub scopes: Vec<Scope>,
    /// `rate`: largest number of requests per second; `None`: no limit.
    pub rate: Option<u32>,
}

/// An action that a caller of the API may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// `weiting`: call 微厅.
    Weiting,
    /// `fensi`: call 粉丝万岁.
    Fensi,
    /// `token`: read 微厅's token.
    Token,
    /// `inbox:read`: read the inbox.
    InboxRead,
    /// `inbox:write`: change the inbox.
    InboxWrite,
    /// `bookings`: book QR codes, a part of `inbox:write`.
    Bookings,
    /// `deliveries`: claim and acknowledge deliveries, a part of `inbox:write`.
    Deliveries,
    /// `calls`: look up what became of its own calls, a part of `weiting` and of `fensi`.
    Calls,
}

impl Scope {
    pub(super) const ALL: [Self; 8] = [
        Self::Weiting,
        Self::Fensi,
        Self::Token,
        Self::InboxRead,
        Self::InboxWrite,
        Self::Bookings,
        Self::Deliveries,
        Self::Calls,
    ];

    /// Returns true if whoever has this scope may do what `other` allows.
    pub fn includes(self, other: Self) -> bool {
        self == other
            || match self {
                Self::InboxWrite => matches!(other, Self::Bookings | Self::Deliveries),
                Self::Weiting | Self::Fensi => other == Self::Calls,
                _ => false,
            }
    }

    /// The word that names it in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Weiting => "weiting",
            Self::Fensi => "fensi",
            Self::Token => "token",
            Self::InboxRead => "inbox:read",
            Self::InboxWrite => "inbox:write",
            Self::Bookings => "bookings",
            Self::Deliveries => "deliveries",
            Self::Calls => "calls",
        }
    }
}

impl ApiConfig {
    pub(super) fn read(settings: &Settings) -> Result<Self, ConfigError> {
        let listen = settings.parsed("api.listen", |text| text.parse().ok())?;
        let mut callers: Vec<ApiCaller> = Vec::new();
        for table in settings.tables("api.callers") {
            let caller = ApiCaller::read(table)?;
            if callers.iter().any(|known| known.name == caller.name) {
                return Err(table.wrong("api.callers.name", "a name that no other caller has"));
            }
            callers.push(caller);
        }
        let origins = settings.list("api.origins", |text| is_origin(text).then(|| text.to_owned()));
        let origins =
            origins.map_err(|_| settings.wrong("api.origins", "a list of origins, such as https://shop.example"))?;
        let max_waiters = settings.integer("api.max_waiters")?;
        let keep_answers = Duration::from_secs(3600 * settings.integer::<u64>("api.idempotency.keep_h")?);
        Ok(Self { listen, origins, max_waiters, keep_answers, listen_origin: settings.origin("api.listen"), callers })
    }

    /// Returns true where the API is on and one of its callers may do what `scope` allows.
    pub fn may_any(&self, scope: Scope) -> bool {
        self.listen.is_some() && self.callers.iter().flat_map(|caller| &caller.scopes).any(|held| held.includes(scope))
    }

    /// `[[api.callers]]`.
    ///
    /// # Errors
    /// `listen` is set without any caller: nobody could use the API.
    pub fn callers(&self) -> Result<&[ApiCaller], ConfigError> {
        if self.listen.is_some() && self.callers.is_empty() {
            let expected = "at least one [[api.callers]] as well".to_owned();
            return Err(ConfigError::Value { origin: self.listen_origin.clone(), key: "api.listen", expected });
        }
        Ok(&self.callers)
    }
}

impl ApiCaller {
    fn read(settings: &Settings) -> Result<Self, ConfigError> {
        let name = settings.text("api.callers.name")?.ok_or_else(|| not_set("api.callers.name"))?;
        if !is_name(name) {
            let expected = format!("up to {LONGEST_NAME} letters, digits, - and _");
            return Err(settings.wrong("api.callers.name", &expected));
        }
        let keys = Secret::file(settings, "api.callers.key_file")?;
        if !keys.is_set() {
            return Err(not_set("api.callers.key_file"));
        }
        let scope = |word: &str| Scope::ALL.into_iter().find(|scope| scope.as_str() == word);
        Ok(Self {
            name: name.to_owned(),
            keys,
            scopes: settings.list("api.callers.scopes", scope)?,
            rate: settings.integer_if_given("api.callers.rate")?,
        })
    }

    /// Path of `key_file`; `None` where the keys come from stdin.
    pub fn key_file(&self) -> Option<&Path> {
        self.keys.file_path()
    }

    /// The keys of `key_file`, one or two, which is read at the first call.
    ///
    /// # Errors
    /// The file cannot be read, or holds anything but one or two lines of at least 32 visible ASCII characters each.
    pub fn keys(&self) -> Result<Vec<SecretString>, ConfigError> {
        let text = self.keys.reveal()?;
        let lines: Vec<_> = text.expose_secret().lines().collect();
        if lines.len() > 2 {
            return Err(self.keys.wrong("at most two keys, one a line"));
        }
        let is_key = |line: &str| line.len() >= SHORTEST_KEY && line.bytes().all(|byte| byte.is_ascii_graphic());
        if let Some(weak) = lines.iter().position(|line| !is_key(line)) {
            let expected = format!("{SHORTEST_KEY} or more visible ASCII characters in line {}", weak + 1);
            return Err(self.keys.wrong(&expected));
        }
        Ok(lines.into_iter().map(SecretString::from).collect())
    }
}

/// A scheme, a host and perhaps a port, as a browser sends it.
fn is_origin(text: &str) -> bool {
    let is_one = |url: url::Url| url.origin().is_tuple() && url.origin().ascii_serialization() == text;
    url::Url::parse(text).is_ok_and(is_one) && !text.contains('*')
}

fn is_name(text: &str) -> bool {
    text.len() <= LONGEST_NAME && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
