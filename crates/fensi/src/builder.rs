//! Builds the client from credentials and the settings that differ from the defaults.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use weifen_proto::fensi::{Reference, check_identifier};
use weifen_proto::{Encoding, InvalidRequest};
use weifen_transport::{
    BaseUrl, BuildError, CallObserver, Clock, DriftObserver, Driver, Jitter, Plaintext, RandomJitter, RepeatPolicy,
    SystemClock, Transport, default_transport,
};

use crate::bookings::GRACE;
use crate::client::Inner;
use crate::{Bookings, Fensi, NonceSource, RandomNonces};

/// The documented host. The same platform is observed under other hosts, with the same paths.
const BASE_URL: &str = "https://api.fensiwansui.com";

/// Builds a [`Fensi`].
#[derive(Debug, Clone)]
#[must_use]
pub struct FensiBuilder {
    develop_appid: String,
    app_secret: SecretString,
    key: Option<String>,
    base_url: String,
    plaintext: Plaintext,
    encoding: Encoding,
    transport: Option<Arc<dyn Transport>>,
    repeats: RepeatPolicy,
    drift_observer: Option<Arc<dyn DriftObserver>>,
    call_observer: Option<Arc<dyn CallObserver>>,
    clock: Arc<dyn Clock>,
    jitter: Arc<dyn Jitter>,
    nonces: Arc<dyn NonceSource>,
    bookings: Option<Arc<dyn Bookings>>,
    booking_grace: Duration,
    random_states: bool,
    reference: Option<Reference>,
}

impl FensiBuilder {
    pub(crate) fn new(develop_appid: String, app_secret: SecretString) -> Self {
        Self {
            develop_appid,
            app_secret,
            key: None,
            base_url: BASE_URL.to_owned(),
            plaintext: Plaintext::Refused,
            encoding: Encoding::Json,
            transport: None,
            repeats: RepeatPolicy::default(),
            drift_observer: None,
            call_observer: None,
            clock: Arc::new(SystemClock),
            jitter: Arc::new(RandomJitter),
            nonces: Arc::new(RandomNonces),
            bookings: None,
            booking_grace: GRACE,
            random_states: false,
            reference: None,
        }
    }

    /// Sets the key of the device for requests for a QR code that name none.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets the platform's base URL; by default the documented host. Each call's path is appended to it. Where it ends
    /// in `/api/merchant`, the server's second prefix (observed), `/open` is left out of that path.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Allows plain http to another machine, which sends signatures in clear. Refused by default: the platform is
    /// observed to check neither age nor reuse, so a captured call stays valid for good.
    pub fn plaintext(mut self, plaintext: Plaintext) -> Self {
        self.plaintext = plaintext;
        self
    }

    /// Sets the encoding of parameters; JSON by default (assumed). The platform reads query, form and JSON (observed).
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
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

    /// Sets the jitter that spreads the retries of many processes over time; random by default.
    pub fn jitter(mut self, jitter: Arc<dyn Jitter>) -> Self {
        self.jitter = jitter;
        self
    }

    /// Sets the source of nonces; by default 128 random bits in hex.
    pub fn nonces(mut self, nonces: Arc<dyn NonceSource>) -> Self {
        self.nonces = nonces;
        self
    }

    /// Sets the store in which each QR code is booked after the vendor's answer and before [`Fensi::qrcode`] returns
    /// it; by default none. A code that can't be booked is withheld.
    pub fn bookings(mut self, bookings: Arc<dyn Bookings>) -> Self {
        self.bookings = Some(bookings);
        self
    }

    /// Sets the time for which a booking outlasts its code; 15 minutes by default (assumed).
    pub fn booking_grace(mut self, grace: Duration) -> Self {
        self.booking_grace = grace;
        self
    }

    /// Sets the shop's own text for each QR code whose request has none, such as the machine's name. It is stored in
    /// the code's booking.
    pub fn reference(mut self, reference: Reference) -> Self {
        self.reference = Some(reference);
        self
    }

    /// Gives each request for a QR code that has no `state` a random one, which the push must bring back. Off by
    /// default: a `state` that comes back is observed on a white-label host, but not documented. Where it doesn't come
    /// back, no push would fit its booking.
    pub fn random_states(mut self) -> Self {
        self.random_states = true;
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// [`BuildError`]: a setting or the base URL is invalid, or there is no transport to send with.
    pub fn build(self) -> Result<Fensi, BuildError> {
        InvalidRequest::unless_trimmed("develop_appid", &self.develop_appid)?;
        // The vendor's own is never trimmed; it is empty as long as it has not been made (both observed).
        InvalidRequest::unless_given("app_secret", self.app_secret.expose_secret())?;
        if let Some(key) = &self.key {
            check_identifier("key", key)?;
        }
        let base_url = BaseUrl::new(&self.base_url, self.plaintext)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport()?,
        };
        let driver = Driver::new(transport, self.repeats).clock(self.clock.clone()).jitter(self.jitter);
        Ok(Fensi::new(Inner {
            develop_appid: self.develop_appid,
            app_secret: self.app_secret.clone(),
            key: self.key,
            base_url,
            encoding: self.encoding,
            driver: driver
                .drift_observer(self.drift_observer)
                .call_observer(self.call_observer)
                .hiding(self.app_secret),
            clock: self.clock,
            nonces: self.nonces,
            bookings: self.bookings,
            booking_grace: self.booking_grace,
            random_states: self.random_states,
            reference: self.reference,
        }))
    }
}
