//! 获取公众号二维码 · /open/commercial/get_qrcode

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    AuthOpenId, CityId, Fen, Reference, SceneId, Sex, VerificationCode, check_identifier, check_state, envelope,
};
use crate::text::{REDACTED, checked, identifier, not_trimmed_away};
use crate::{
    Endpoint, Field, InvalidRequest, NoAnswer, Operation, Parameters, Path, RefusalKind, Repeat, Shape, Vendor, decode,
    lenient,
};

/// Request for the QR code of an account that this user may follow.
#[derive(Clone, PartialEq, Eq)]
pub struct QrcodeRequest {
    auth_open_id: AuthOpenId,
    nickname: String,
    ip: IpAddr,
    sex: Sex,
    key: Option<String>,
    label: Option<SceneId>,
    state: Option<String>,
    reference: Option<Reference>,
    extra: Vec<(String, String)>,
}

/// Names of the parameters that the client adds.
const SIGNING: &[&str] = &["develop_appid", "timestamp", "nonce", "signature"];

impl QrcodeRequest {
    /// Creates a request for the user `auth_open_id` with this `nickname` and `ip`. The vendor looks up the address's
    /// city in an IPv4 table (observed), so an IPv4-mapped IPv6 address (`::ffff:1.2.3.4`) is sent as IPv4.
    ///
    /// # Errors
    /// When `nickname` is empty or consists of white space that PHP's trim removes: the vendor refuses it (observed).
    /// Other white space, such as U+3000, is accepted as a nickname. When `auth_open_id` is longer than 255 characters.
    pub fn new(auth_open_id: AuthOpenId, nickname: impl Into<String>, ip: IpAddr) -> Result<Self, InvalidRequest> {
        check_identifier("auth_open_id", auth_open_id.as_str())?;
        let nickname = checked("nickname", nickname, not_trimmed_away)?;
        let ip = ip.to_canonical();
        Ok(Self {
            auth_open_id,
            nickname,
            ip,
            sex: Sex::Any,
            key: None,
            label: None,
            state: None,
            reference: None,
            extra: Vec::new(),
        })
    }

    /// Returns the user.
    pub fn auth_open_id(&self) -> &AuthOpenId {
        &self.auth_open_id
    }

    /// Returns the device's key, if the request sets one.
    pub fn own_key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Returns the text that comes back in the push, if any.
    pub fn own_state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Returns the shop's own text for the code, if any.
    pub fn own_reference(&self) -> Option<&Reference> {
        self.reference.as_ref()
    }

    /// Limits the match to accounts that want users of this sex.
    #[must_use]
    pub fn sex(mut self, sex: Sex) -> Self {
        self.sex = sex;
        self
    }

    /// Sets the key of the user's device, in place of the client's configured one.
    ///
    /// # Errors
    /// When the key is empty, longer than 255 characters, or holds white space or control characters: no push for it
    /// could be stored.
    pub fn key(mut self, key: impl Into<String>) -> Result<Self, InvalidRequest> {
        let key = key.into();
        check_identifier("key", &key)?;
        self.key = Some(key);
        Ok(self)
    }

    /// Limits the match to accounts for this scene.
    #[must_use]
    pub fn label(mut self, scene: SceneId) -> Self {
        self.label = Some(scene);
        self
    }

    /// Sets a text that comes back in the push (observed on a white-label host, not documented).
    ///
    /// # Errors
    /// When the text is empty, longer than 1024 characters, holds control characters, or begins or ends with white
    /// space that the vendor trims.
    pub fn state(mut self, state: impl Into<String>) -> Result<Self, InvalidRequest> {
        let state = state.into();
        check_state("state", &state)?;
        self.state = Some(state);
        Ok(self)
    }

    /// Sets the shop's own text for the code. It is not sent; it is kept with the booking and repeated in the event.
    #[must_use]
    pub fn reference(mut self, reference: Reference) -> Self {
        self.reference = Some(reference);
        self
    }

    /// Adds a parameter that the vendor's document mentions without a name, such as one for the city.
    ///
    /// # Errors
    /// When `name` is empty, holds white space, or is a parameter of the request already.
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<String>) -> Result<Self, InvalidRequest> {
        let name = checked("extra", name, identifier)?;
        let is_taken = [SIGNING, Self::PARAMETERS].concat().contains(&name.as_str());
        if is_taken || self.extra.iter().any(|(taken, _)| *taken == name) {
            return Err(InvalidRequest::new("extra", "must not name a parameter that the request has already"));
        }
        self.extra.push((name, value.into()));
        Ok(self)
    }
}

impl fmt::Debug for QrcodeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QrcodeRequest")
            .field("auth_open_id", &self.auth_open_id)
            .field("sex", &self.sex)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

/// An account that the user may follow, and the price of the follow. It serializes under the wire's names.
///
/// The vendor repeats the request's `key`, `develop_appid`, `nickname` and `auth_open_id`. Its own example shows that
/// the repetition is unreliable, so it is passed on unchecked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Qrcode {
    /// The device's key, repeated.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub key: Option<String>,
    /// The developer's appid, repeated.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub develop_appid: Option<String>,
    /// The user's nickname, repeated.
    #[serde(default, deserialize_with = "lenient::free_text")]
    pub nickname: Option<String>,
    /// The city that the user was found in.
    #[serde(default, deserialize_with = "city")]
    pub city_code: Option<CityId>,
    /// The user, repeated.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub auth_open_id: Option<String>,
    /// Price that the account's owner pays for this follow (`bidding`, in fen).
    #[serde(rename = "bidding")]
    pub bid: Fen,
    /// Appid of the account to follow.
    #[serde(deserialize_with = "account")]
    pub appid: String,
    /// Name of the account.
    #[serde(default, deserialize_with = "lenient::free_text")]
    pub appname: Option<String>,
    /// Text that the user must send to the account after following it; `None` where none is needed.
    #[serde(rename = "code", default, deserialize_with = "verification_code")]
    pub verification_code: Option<VerificationCode>,
    /// Time for which the code can be scanned.
    #[serde(rename = "expire", default, deserialize_with = "expiry")]
    pub expiry: Option<Expiry>,
    /// URL of the QR code's image.
    #[serde(rename = "qrcode_url", deserialize_with = "image_url")]
    pub image_url: String,
}

impl fmt::Debug for Qrcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Qrcode")
            .field("appid", &self.appid)
            .field("bid", &self.bid)
            .field("expiry", &self.expiry)
            .finish_non_exhaustive()
    }
}

/// `expire` of a QR code: a number in the document's example, a string in its table.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Expiry {
    /// Seconds from now (assumed).
    Seconds(u64),
    /// Any other text of the vendor, verbatim.
    Other(String),
}

impl fmt::Debug for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => f.debug_tuple("Seconds").field(seconds).finish(),
            Self::Other(_) => f.debug_tuple("Other").field(&format_args!("{REDACTED}")).finish(),
        }
    }
}

impl Expiry {
    /// Returns the time for which the code can be scanned, if the vendor gave it in seconds.
    pub fn duration(&self) -> Option<Duration> {
        match self {
            Self::Seconds(seconds) => Some(Duration::from_secs(*seconds)),
            Self::Other(_) => None,
        }
    }
}

fn expiry<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Expiry>, D::Error> {
    let text = lenient::free_text(deserializer)?;
    Ok(text.map(|text| text.parse().map(Expiry::Seconds).unwrap_or(Expiry::Other(text))))
}

fn city<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<CityId>, D::Error> {
    Ok(lenient::free_integer(deserializer)?.and_then(|id| u32::try_from(id).ok()).map(CityId))
}

fn verification_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<VerificationCode>, D::Error> {
    let code = lenient::optional_text(deserializer)?;
    Ok(code.and_then(|code| VerificationCode::new(code.trim()).ok()))
}

fn account<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let appid = lenient::text(deserializer)?;
    match check_identifier("appid", &appid) {
        Ok(()) => Ok(appid),
        Err(error) => Err(lenient::refused_text("appid", &error)),
    }
}

fn image_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked("qrcode_url", lenient::text(deserializer)?, identifier)
        .map_err(|error| lenient::refused_text("qrcode_url", &error))
}

/// Shape of an answer's `data`, by the vendor's table and example.
const QRCODE: Shape = Shape::Object(&[
    Field::text("key"),
    Field::text("develop_appid"),
    Field::text("nickname"),
    Field::integer("city_code").or_absent(),
    Field::text("auth_open_id"),
    Field::integer("bidding"),
    Field::text("appid"),
    Field::text("appname"),
    Field::text("code").or_absent(),
    Field::new("expire", Shape::TextOrInteger),
    Field::text("qrcode_url"),
]);

impl Endpoint for QrcodeRequest {
    /// `None` where no account matches this user now.
    type Answer = Option<Qrcode>;

    const OPERATION: Operation =
        Operation::new(Vendor::Fensi, "qrcode", "获取公众号二维码", Path::Fixed("/open/commercial/get_qrcode"))
            .in_any_encoding()
            .repeat(Repeat::Once);

    const PARAMETERS: &'static [&'static str] = &["key", "auth_open_id", "nickname", "sex", "ip", "label", "state"];

    const DOCUMENTED: Shape =
        Shape::Object(&[envelope::CODE, Field::new("data", QRCODE).or_absent(), envelope::MESSAGE]);

    fn parameters(&self) -> Parameters<'_> {
        let parameters = Parameters::new()
            .text_or_configured("key", self.key.as_deref())
            .text("auth_open_id", self.auth_open_id.as_str())
            .text("nickname", &self.nickname)
            .integer("sex", self.sex.number())
            .text("ip", self.ip.to_string())
            .optional_integer("label", self.label.map(|scene| i64::from(scene.0)))
            .optional_text("state", self.state.as_deref());
        self.extra.iter().fold(parameters, |parameters, (name, value)| parameters.text(name, value))
    }

    fn answer(body: &[u8]) -> Result<Option<Qrcode>, NoAnswer> {
        match envelope::data(body, &Self::OPERATION) {
            Ok(decode::Object(qrcode)) => Ok(Some(qrcode)),
            Err(NoAnswer::Refused(refusal)) if refusal.kind() == RefusalKind::NoMatch => Ok(None),
            Err(error) => Err(error),
        }
    }
}
