//! Makes the clients that a configuration describes.
#![cfg_attr(
    not(any(feature = "weiting", feature = "fensi")),
    allow(dead_code, unused_imports, reason = "without a vendor there is nothing to build")
)]

use std::sync::{Arc, OnceLock};

use weifen_transport::{BuildError, CallObserver, Clock, DriftObserver, Plaintext, SystemClock, Transport};

use crate::config::Origin;
#[cfg(feature = "fensi")]
use crate::fensi::Bookings;
#[cfg(feature = "weiting")]
use crate::weiting::token::TokenStore;
use crate::{Config, SetupError};

/// Time by which the fetch lease of a token outlasts the fetch's own timeout.
#[cfg(feature = "weiting")]
const AFTER_A_FETCH: std::time::Duration = std::time::Duration::from_secs(5);

/// The configured clients. Each is made on first use, so one vendor's missing secret does not keep the other's client
/// from working. Clones share them, and with them 微厅's token.
#[derive(Debug, Clone)]
pub struct Weifen(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    config: Config,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    drift_observer: Option<Arc<dyn DriftObserver>>,
    call_observer: Option<Arc<dyn CallObserver>>,
    #[cfg(feature = "weiting")]
    token_store: Option<Arc<dyn TokenStore>>,
    #[cfg(feature = "fensi")]
    bookings: Option<Arc<dyn Bookings>>,
    #[cfg(feature = "weiting")]
    weiting: OnceLock<crate::weiting::Weiting>,
    #[cfg(feature = "fensi")]
    fensi: OnceLock<crate::fensi::Fensi>,
}

impl Weifen {
    /// Returns a builder of the clients that `config` describes.
    pub fn builder(config: Config) -> WeifenBuilder {
        WeifenBuilder {
            config,
            transport: None,
            clock: Arc::new(SystemClock),
            drift_observer: None,
            call_observer: None,
            #[cfg(feature = "weiting")]
            token_store: None,
            #[cfg(feature = "fensi")]
            bookings: None,
        }
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Retry policy: `http.timeout_s` limits a whole call, with its retries and its wait for the token.
    #[cfg(any(feature = "fensi", feature = "weiting"))]
    fn repeats(&self) -> weifen_transport::RepeatPolicy {
        weifen_transport::RepeatPolicy::default().total(self.0.config.http.timeout)
    }

    /// The client of 微厅.
    ///
    /// # Errors
    /// `[weiting]` lacks a key or has an invalid value, a secret's file can't be read, or the store can't be made.
    #[cfg(feature = "weiting")]
    pub fn weiting(&self) -> Result<crate::weiting::Weiting, SetupError> {
        use crate::weiting::Weiting;
        use crate::weiting::token::TokenPolicy;

        if let Some(weiting) = self.0.weiting.get() {
            return Ok(weiting.clone());
        }
        let section = &self.0.config.weiting;
        let mut builder = Weiting::builder(section.appid()?, section.secret()?)
            .base_url(&section.base_url)
            .plaintext(plaintext(section.plaintext))
            .body_encoding(section.encoding)
            .token_policy(TokenPolicy {
                life: section.token_life,
                refresh_before: section.refresh_before,
                daily_limit: section.daily_limit,
                lease: self.0.config.http.timeout + AFTER_A_FETCH,
            })
            .token_store(self.token_store()?)
            .transport(self.0.transport.clone())
            .repeats(self.repeats())
            .clock(self.0.clock.clone());
        if let Some(observer) = &self.0.drift_observer {
            builder = builder.drift_observer(observer.clone());
        }
        if let Some(observer) = &self.0.call_observer {
            builder = builder.call_observer(observer.clone());
        }
        if let Some(path) = &section.user_path {
            builder = builder.user_path(path);
        }
        let weiting = builder.build().map_err(|source| refused(self.config(), "weiting", source))?;
        Ok(self.0.weiting.get_or_init(|| weiting).clone())
    }

    /// Returns the store that the program gave, else the one that `[weiting]` names.
    #[cfg(feature = "weiting")]
    fn token_store(&self) -> Result<Arc<dyn TokenStore>, SetupError> {
        match &self.0.token_store {
            Some(store) => Ok(store.clone()),
            None => self.config().token_store(),
        }
    }

    /// The client of 粉丝万岁.
    ///
    /// # Errors
    /// `[fensi]` lacks a key or has an invalid value, or a secret's file can't be read.
    #[cfg(feature = "fensi")]
    pub fn fensi(&self) -> Result<crate::fensi::Fensi, SetupError> {
        use crate::fensi::Fensi;

        if let Some(fensi) = self.0.fensi.get() {
            return Ok(fensi.clone());
        }
        let section = &self.0.config.fensi;
        let mut builder = Fensi::builder(section.develop_appid()?, section.app_secret()?)
            .base_url(&section.base_url)
            .plaintext(plaintext(section.plaintext))
            .encoding(section.encoding)
            .transport(self.0.transport.clone())
            .repeats(self.repeats())
            .clock(self.0.clock.clone());
        if let Some(observer) = &self.0.drift_observer {
            builder = builder.drift_observer(observer.clone());
        }
        if let Some(observer) = &self.0.call_observer {
            builder = builder.call_observer(observer.clone());
        }
        if let Ok(key) = section.key() {
            builder = builder.key(key);
        }
        if let Some(bookings) = &self.0.bookings {
            builder = builder.bookings(bookings.clone());
        }
        let fensi = builder.build().map_err(|source| refused(self.config(), "fensi", source))?;
        Ok(self.0.fensi.get_or_init(|| fensi).clone())
    }
}

/// Adds to the error of a client's builder its key, and the place where that was given.
fn refused(config: &Config, section: &'static str, source: BuildError) -> SetupError {
    let name = match &source {
        BuildError::Setting(error) => error.parameter(),
        BuildError::BaseUrl(_) => "base_url",
        _ => return SetupError::Build { section, source },
    };
    for key in [format!("{section}.{name}"), format!("{section}.{name}_file")] {
        if let Some(origin) = config.origin(&key).filter(|origin| **origin != Origin::Default) {
            return SetupError::Value { origin: origin.clone(), key, source };
        }
    }
    SetupError::Build { section, source }
}

fn plaintext(allowed: bool) -> Plaintext {
    if allowed { Plaintext::Allowed } else { Plaintext::Refused }
}

/// Builds a [`Weifen`].
#[derive(Debug, Clone)]
#[must_use]
pub struct WeifenBuilder {
    config: Config,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    drift_observer: Option<Arc<dyn DriftObserver>>,
    call_observer: Option<Arc<dyn CallObserver>>,
    #[cfg(feature = "weiting")]
    token_store: Option<Arc<dyn TokenStore>>,
    #[cfg(feature = "fensi")]
    bookings: Option<Arc<dyn Bookings>>,
}

impl WeifenBuilder {
    /// Sets the transport of the calls; by default that of this crate's feature `reqwest`, else of `hyper`, as
    /// `[http]` says.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Sets the source of wall time and elapsed time; by default the system's clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the observer of a vendor's answers that differ from the documentation. The log has them as well.
    pub fn drift_observer(mut self, observer: Arc<dyn DriftObserver>) -> Self {
        self.drift_observer = Some(observer);
        self
    }

    /// Sets the observer of calls that have ended, token fetches among them, such as to count them.
    pub fn call_observer(mut self, observer: Arc<dyn CallObserver>) -> Self {
        self.call_observer = Some(observer);
        self
    }

    /// Sets the store of 微厅's token for all clients and processes that share it, instead of `weiting.token_store`.
    #[cfg(feature = "weiting")]
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.token_store = Some(store);
        self
    }

    /// Sets the store in which 粉丝万岁's client books each QR code before it returns it, such as the inbox. A code that
    /// can't be booked is withheld.
    #[cfg(feature = "fensi")]
    pub fn bookings(mut self, bookings: Arc<dyn Bookings>) -> Self {
        self.bookings = Some(bookings);
        self
    }

    /// Makes the transport. Nothing is sent, and no secret is read yet.
    ///
    /// # Errors
    /// Those of [`HttpConfig::transport`](crate::config::HttpConfig::transport), where no transport was given.
    pub fn build(self) -> Result<Weifen, SetupError> {
        let transport = match self.transport {
            Some(transport) => transport,
            None => self.config.http.transport()?,
        };
        Ok(Weifen(Arc::new(Shared {
            config: self.config,
            transport,
            clock: self.clock,
            drift_observer: self.drift_observer,
            call_observer: self.call_observer,
            #[cfg(feature = "weiting")]
            token_store: self.token_store,
            #[cfg(feature = "fensi")]
            bookings: self.bookings,
            #[cfg(feature = "weiting")]
            weiting: OnceLock::new(),
            #[cfg(feature = "fensi")]
            fensi: OnceLock::new(),
        })))
    }
}
