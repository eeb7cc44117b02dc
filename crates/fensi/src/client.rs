//! The client: a method for each operation of 粉丝万岁, and the one code path that signs and calls all of them.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use weifen_proto::fensi::{CitiesRequest, City, Qrcode, QrcodeRequest, Reference, Scene, ScenesRequest};
use weifen_proto::{Access, Encoding, Endpoint, InvalidRequest, Parameters, Path, Value, Vendor};
use weifen_sign::{SignedStamp, Stamp};
use weifen_transport::{BaseUrl, CallError, Clock, Deadline, Driver, Failure, NotConfigured, encode};

use crate::{Booking, Bookings, FensiBuilder, NonceSource, bookings};

/// Parameters that only the client may set: a second timestamp could differ from the signed one.
const SIGNING: [&str; 4] = ["develop_appid", "timestamp", "nonce", "signature"];

/// The server's second prefix beside `/open` (observed). After a base URL that ends in it, paths have no `/open`.
const SECOND_PREFIX: &str = "/api/merchant";

/// A client of 粉丝万岁. It signs each call with the `app_secret`, a timestamp and a new nonce; clones share everything.
///
/// Every method can fail with a [`CallError`], which says whether anything was sent, whether the vendor refused and
/// with which words, and whether the outcome is unknown.
#[derive(Debug, Clone)]
pub struct Fensi(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) develop_appid: String,
    pub(crate) app_secret: SecretString,
    pub(crate) key: Option<String>,
    pub(crate) base_url: BaseUrl,
    pub(crate) encoding: Encoding,
    pub(crate) driver: Driver,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) nonces: Arc<dyn NonceSource>,
    pub(crate) bookings: Option<Arc<dyn Bookings>>,
    pub(crate) booking_grace: Duration,
    pub(crate) random_states: bool,
    pub(crate) reference: Option<Reference>,
}

impl Fensi {
    /// Returns a builder for the developer `develop_appid`, who signs with `app_secret`.
    pub fn builder(develop_appid: impl Into<String>, app_secret: impl Into<SecretString>) -> FensiBuilder {
        FensiBuilder::new(develop_appid.into(), app_secret.into())
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// 获取公众号二维码: the QR code of an account for this user, or `None` where no account matches, which is common. The
    /// vendor allots an account to the user (assumed), so a lost reply is not retried.
    ///
    /// With [`bookings`](FensiBuilder::bookings) the code is booked before it is returned.
    ///
    /// # Errors
    /// Nothing was sent, 粉丝万岁 refused, or no usable reply came. With [`Failure::UnknownOutcome`] (no reply) and
    /// [`Failure::NotBooked`] (the code could not be booked) the account may be allotted: do not repeat the call.
    pub async fn qrcode(&self, request: &QrcodeRequest) -> Result<Option<Qrcode>, CallError> {
        let with_state = self.with_random_state(request).map_err(failed::<QrcodeRequest>)?;
        let request = with_state.as_ref().unwrap_or(request);
        let qrcode = self.call(request).await?;
        if let (Some(qrcode), Some(bookings)) = (&qrcode, &self.0.bookings) {
            let booked = bookings.book(&self.booking(request, qrcode)).await;
            booked.map_err(|error| failed::<QrcodeRequest>(Failure::NotBooked(error)))?;
        }
        Ok(qrcode)
    }

    /// Returns the booking of a QR code that this request got, as a client with
    /// [`bookings`](FensiBuilder::bookings) books it by itself.
    pub fn booking(&self, request: &QrcodeRequest, qrcode: &Qrcode) -> Booking {
        let key = request.own_key().or(self.0.key.as_deref()).unwrap_or_default();
        let lasts = bookings::lasts(qrcode, self.0.booking_grace);
        let mut booking =
            Booking::new(&self.0.develop_appid, request.auth_open_id().clone(), key, &qrcode.appid, lasts);
        booking.state = request.own_state().map(str::to_owned);
        booking.reference = request.own_reference().or(self.0.reference.as_ref()).cloned();
        booking.bid = Some(qrcode.bid);
        booking
    }

    fn with_random_state(&self, request: &QrcodeRequest) -> Result<Option<QrcodeRequest>, InvalidRequest> {
        if !self.0.random_states || request.own_state().is_some() {
            return Ok(None);
        }
        request.clone().state(self.0.nonces.nonce()).map(Some)
    }

    /// 获取所有场景: the kinds of places that QR codes can be requested for.
    ///
    /// # Errors
    /// Nothing was sent, 粉丝万岁 refused, or no usable reply came. The call may be repeated.
    pub async fn scenes(&self) -> Result<Vec<Scene>, CallError> {
        self.call(&ScenesRequest).await
    }

    /// 获取所有城市: the cities that the platform knows.
    ///
    /// # Errors
    /// Nothing was sent, 粉丝万岁 refused, or no usable reply came. The call may be repeated.
    pub async fn cities(&self) -> Result<Vec<City>, CallError> {
        self.call(&CitiesRequest).await
    }

    /// Calls any signed operation of 粉丝万岁: those above, and those that you add. A failure is retried where a retry
    /// does no harm, as [`repeats`](FensiBuilder::repeats) says, each time with a new timestamp and nonce.
    ///
    /// # Errors
    /// Nothing was sent, 粉丝万岁 refused, or no usable reply came; the [`Failure`] says whether the call may be repeated.
    pub async fn call<E: Endpoint>(&self, request: &E) -> Result<E::Answer, CallError> {
        const { assert!(matches!(E::OPERATION.vendor, Vendor::Fensi), "this operation belongs to another vendor") };
        const { assert!(matches!(E::OPERATION.access, Access::Signature), "this operation is not signed") };

        self.0.driver.repeat(const { &E::OPERATION }, |deadline| self.attempt(request, deadline)).await
    }

    async fn attempt<E: Endpoint>(&self, request: &E, deadline: Deadline) -> Result<E::Answer, CallError> {
        let path = match E::OPERATION.path {
            Path::Fixed(path) => path,
            Path::Configured(setting) => {
                return Err(failed::<E>(NotConfigured::new(setting, "this client has no setting for a path")));
            }
        };
        let path = below(&self.0.base_url, path);
        let encoding = if E::OPERATION.encoding_selectable { self.0.encoding } else { E::OPERATION.encoding };
        let stamp = self.stamp().map_err(|e| failed::<E>(e))?;
        let parameters = self.signed(&stamp, request.parameters()).map_err(|e| failed::<E>(e))?;
        let request = encode(&self.0.base_url, path, encoding, &[], &parameters).map_err(|e| failed::<E>(e))?;
        self.0.driver.call::<E>(request, deadline).await
    }

    /// Signs the current timestamp and a new nonce. The parameters sent are read from this value.
    fn stamp(&self) -> Result<SignedStamp, InvalidRequest> {
        let since_1970 = self.0.clock.wall().duration_since(SystemTime::UNIX_EPOCH);
        let timestamp = since_1970.map_err(|_| InvalidRequest::new("timestamp", "must not be before 1970"))?;
        let nonce = self.0.nonces.nonce();
        InvalidRequest::unless_trimmed("nonce", &nonce)?;
        Ok(Stamp::new(timestamp.as_secs(), nonce).sign(self.0.app_secret.expose_secret()))
    }

    /// The signing parameters, then the request's own, with the configured key where the request has none.
    fn signed<'a>(&'a self, stamp: &'a SignedStamp, own: Parameters<'a>) -> Result<Parameters<'a>, InvalidRequest> {
        let timestamp = i64::try_from(stamp.timestamp())
            .map_err(|_| InvalidRequest::new("timestamp", "must be a number of seconds that fits 63 bits"))?;
        let mut all = Parameters::new()
            .text("develop_appid", &self.0.develop_appid)
            .integer("timestamp", timestamp)
            .text("nonce", stamp.nonce())
            .text("signature", stamp.signature());
        for mut parameter in own {
            if SIGNING.contains(&&*parameter.name) {
                return Err(InvalidRequest::new(
                    "signature",
                    "must not be in the request: the client adds this parameter and signs it",
                ));
            }
            if parameter.value == Value::Configured && parameter.name == "key" {
                let key = self.0.key.as_deref().ok_or(InvalidRequest::new(
                    "key",
                    "is missing: set the key of a device in the request or in the client",
                ))?;
                parameter.value = Value::Text(key.into());
            }
            all.push(parameter);
        }
        Ok(all)
    }
}

/// The path to append to the base URL.
fn below<'a>(base_url: &BaseUrl, path: &'a str) -> &'a str {
    // After `//`, `api` would be the host.
    let has_prefix = base_url.as_str().strip_suffix(SECOND_PREFIX).is_some_and(|rest| !rest.ends_with('/'));
    match path.strip_prefix("/open") {
        Some(rest) if has_prefix && rest.starts_with('/') => rest,
        _ => path,
    }
}

fn failed<E: Endpoint>(failure: impl Into<Failure>) -> CallError {
    CallError::new(const { &E::OPERATION }, failure)
}
