//! Building the client: credentials, and what differs from the defaults.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use weifen_proto::InvalidRequest;
use weifen_transport::{BaseUrl, BuildError, Clock, Plaintext, SystemClock, Transport, default_transport};

use crate::settings::Settings;
use crate::token::{Life, TokenManager, TokenSource, VendorFetcher};
use crate::{BodyEncoding, Weiting};

/// The documented host, over https. The document writes http, on which secret and token would travel in clear; that the
/// host answers https at these paths is assumed.
const BASE_URL: &str = "https://m.sh.189.cn";

/// Builds a [`Weiting`].
#[derive(Debug, Clone)]
#[must_use]
pub struct WeitingBuilder {
    appid: String,
    secret: SecretString,
    base_url: String,
    plaintext: Plaintext,
    user_path: Option<String>,
    body_encoding: BodyEncoding,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    token_life: Life,
    token_source: Option<Arc<dyn TokenSource>>,
}

impl WeitingBuilder {
    pub(crate) fn new(appid: String, secret: SecretString) -> Self {
        Self {
            appid,
            secret,
            base_url: BASE_URL.to_owned(),
            plaintext: Plaintext::Refused,
            user_path: None,
            body_encoding: BodyEncoding::Form,
            transport: None,
            clock: Arc::new(SystemClock),
            token_life: Life::default(),
            token_source: None,
        }
    }

    /// Where the vendor is reached; by default the documented host, over https (assumed).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Lets secret and token travel in clear, over plain http to another machine.
    pub fn plaintext(mut self, plaintext: Plaintext) -> Self {
        self.plaintext = plaintext;
        self
    }

    /// Where `bound_user` lives: the vendor documents no path for it.
    pub fn user_path(mut self, path: impl Into<String>) -> Self {
        self.user_path = Some(path.into());
        self
    }

    /// How the operations travel whose encoding the vendor doesn't document.
    pub fn body_encoding(mut self, encoding: BodyEncoding) -> Self {
        self.body_encoding = encoding;
        self
    }

    /// What sends the calls; by default reqwest, with this crate's feature of that name.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Where time comes from.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// How long a token lives, by default 7200 s (documented), and how long before its end it is renewed, by default
    /// 300 s.
    pub fn token_life(mut self, life: Duration, refresh_before: Duration) -> Self {
        self.token_life = Life { life, refresh_before };
        self
    }

    /// Where tokens come from, in the place of a manager that fetches them and keeps them in memory.
    pub fn token_source(mut self, source: Arc<dyn TokenSource>) -> Self {
        self.token_source = Some(source);
        self
    }

    /// Builds the client. Nothing is sent yet: the token is fetched on first use.
    ///
    /// # Errors
    /// When a setting can't be right, or there is nothing to send with.
    pub fn build(self) -> Result<Weiting, BuildError> {
        InvalidRequest::unless_trimmed("appid", &self.appid)?;
        InvalidRequest::unless_trimmed("secret", self.secret.expose_secret())?;
        if self.token_life.refresh_before >= self.token_life.life {
            return Err(InvalidRequest::new("refresh_before", "must be shorter than the token's life").into());
        }
        if self.user_path.as_ref().is_some_and(|path| !is_path(path)) {
            return Err(InvalidRequest::new(
                "user_path",
                "must begin with a slash, be percent-encoded and have no query",
            )
            .into());
        }
        let base_url = BaseUrl::new(&self.base_url, self.plaintext)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport()?,
        };
        let settings = Arc::new(Settings { base_url, body_encoding: self.body_encoding, user_path: self.user_path });
        let tokens = self.token_source.unwrap_or_else(|| {
            let fetcher = VendorFetcher::new(self.appid, self.secret, transport.clone(), settings.clone());
            Arc::new(TokenManager::new(Arc::new(fetcher), self.clock, self.token_life))
        });
        Ok(Weiting::new(transport, settings, tokens))
    }
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?' && byte != b'#')
}
