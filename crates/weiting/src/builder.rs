//! Builds the client from credentials and the settings that differ from the defaults.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use weifen_proto::InvalidRequest;
use weifen_transport::{
    BaseUrl, BuildError, CallObserver, Clock, DriftObserver, Driver, Jitter, Plaintext, RandomJitter, RepeatPolicy,
    SystemClock, Transport, default_transport,
};

use crate::token::{TokenFetcher, TokenKey, TokenManager, TokenManagerBuilder, TokenPolicy, TokenStore, VendorFetcher};
use crate::vendor_api::VendorApi;
use crate::{BodyEncoding, Weiting};

/// The documented host, over https. The document writes http, which sends secret and token in clear. It is assumed
/// that the host answers https at these paths.
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
    repeats: RepeatPolicy,
    drift_observer: Option<Arc<dyn DriftObserver>>,
    call_observer: Option<Arc<dyn CallObserver>>,
    clock: Arc<dyn Clock>,
    jitter: Arc<dyn Jitter>,
    tokens: TokenManagerBuilder,
    token_fetcher: Option<Arc<dyn TokenFetcher>>,
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
            repeats: RepeatPolicy::default(),
            drift_observer: None,
            call_observer: None,
            clock: Arc::new(SystemClock),
            jitter: Arc::new(RandomJitter),
            tokens: TokenManager::builder(),
            token_fetcher: None,
        }
    }

    /// Sets the vendor's base URL; by default the documented host, over https (assumed).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Allows plain http to another machine, which sends secret and token in clear. Refused by default.
    pub fn plaintext(mut self, plaintext: Plaintext) -> Self {
        self.plaintext = plaintext;
        self
    }

    /// Sets the path of `bound_user`, for which the vendor documents none: without it that call sends nothing.
    pub fn user_path(mut self, path: impl Into<String>) -> Self {
        self.user_path = Some(path.into());
        self
    }

    /// Sets the body encoding of the operations for which the vendor documents none; by default a form (assumed).
    pub fn body_encoding(mut self, encoding: BodyEncoding) -> Self {
        self.body_encoding = encoding;
        self
    }

    /// Sets the transport that sends the calls; by default that of this crate's feature `reqwest`, else of `hyper`.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Sets the retry policy: the total time of a call (10 s by default), and the number of attempts where a retry
    /// does no harm (3 by default). A transport of yours with a longer timeout needs a longer total here.
    pub fn repeats(mut self, policy: RepeatPolicy) -> Self {
        self.repeats = policy;
        self
    }

    /// Sets the observer of answers that differ from the documentation. Each difference is also logged once, as an
    /// event of the target `weifen::drift`.
    pub fn drift_observer(mut self, observer: Arc<dyn DriftObserver>) -> Self {
        self.drift_observer = Some(observer);
        self
    }

    /// Sets the observer of calls that have ended, such as to count them.
    pub fn call_observer(mut self, observer: Arc<dyn CallObserver>) -> Self {
        self.call_observer = Some(observer);
        self
    }

    /// Sets the source of wall time and elapsed time; by default the system's clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the jitter that spreads the token renewals and retries of many processes over time; random by default.
    pub fn jitter(mut self, jitter: Arc<dyn Jitter>) -> Self {
        self.jitter = jitter;
        self
    }

    /// Sets the token's life, its renewal and the daily limit of fetches.
    pub fn token_policy(mut self, policy: TokenPolicy) -> Self {
        self.tokens = self.tokens.policy(policy);
        self
    }

    /// Sets the store through which clients and processes share the token; by default this client's memory.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.tokens = self.tokens.store(store);
        self
    }

    /// Replaces the vendor's own operation as the source of tokens, such as by a token service of yours.
    pub fn token_fetcher(mut self, fetcher: Arc<dyn TokenFetcher>) -> Self {
        self.token_fetcher = Some(fetcher);
        self
    }

    /// Builds the client. Nothing is sent yet: the token is fetched on first use.
    ///
    /// # Errors
    /// [`BuildError`]: a setting or the base URL is invalid, or there is no transport to send with.
    pub fn build(self) -> Result<Weiting, BuildError> {
        InvalidRequest::unless_given("appid", &self.appid)?;
        InvalidRequest::unless_given("secret", self.secret.expose_secret())?;
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
        let api = Arc::new(VendorApi { base_url, body_encoding: self.body_encoding, user_path: self.user_path });
        let key = TokenKey::new(&self.appid, &api.base_url, &self.secret);
        let driver = Driver::new(transport, self.repeats).clock(self.clock.clone()).jitter(self.jitter.clone());
        let driver = Arc::new(
            driver.drift_observer(self.drift_observer).call_observer(self.call_observer).hiding(self.secret.clone()),
        );
        let fetcher = self
            .token_fetcher
            .unwrap_or_else(|| Arc::new(VendorFetcher::new(self.appid, self.secret, driver.clone(), api.clone())));
        let tokens = self.tokens.clock(self.clock).jitter(self.jitter).build(key, fetcher)?;
        Ok(Weiting::new(driver, api, tokens))
    }
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?' && byte != b'#')
}
