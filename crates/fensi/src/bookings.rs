//! Noting each QR code that was given out, before its user sees it: whoever receives pushes can then tell one that was
//! to be expected from one that nobody asked for.

use std::fmt::Debug;
use std::time::Duration;

use weifen_proto::fensi::{AuthOpenId, Expiry, Fen, Qrcode, Reference};
use weifen_transport::{StoreError, async_trait};

/// How long a QR code can be scanned where the vendor doesn't say it in seconds: as in the document's example.
const UNSAID: Duration = Duration::from_secs(120);

/// How long after its code's end a booking lasts, if nothing else is set: time to type a verification code, and for a
/// push that comes late (assumed).
pub(crate) const GRACE: Duration = Duration::from_secs(15 * 60);

/// Where bookings are kept; `weifen-inbox` is one such place.
#[async_trait]
pub trait Bookings: Debug + Send + Sync {
    /// Keeps a booking for good before it returns. Each call makes a booking of its own.
    ///
    /// # Errors
    /// When it could not be kept. The QR code is withheld then.
    async fn book(&self, booking: &Booking) -> Result<(), StoreError>;
}

/// A QR code was given out: a push for this user and this account is to be expected.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Booking {
    /// The developer, who asked for the code.
    pub develop_appid: String,
    /// The user who is to follow.
    pub auth_open_id: AuthOpenId,
    /// The device at which the user stands.
    pub key: String,
    /// The account that the user is to follow.
    pub appid: String,
    /// The text that the push must bring back, where one was sent along.
    pub state: Option<String>,
    /// The shop's own text for the code.
    pub reference: Option<Reference>,
    /// The bid that the code's answer told.
    pub bid: Option<Fen>,
    /// How long, from now, a push is to be expected.
    pub lasts: Duration,
}

impl Booking {
    /// The user `auth_open_id` may follow `appid` at the device `key` until `lasts` is over.
    pub fn new(
        develop_appid: impl Into<String>,
        auth_open_id: AuthOpenId,
        key: impl Into<String>,
        appid: impl Into<String>,
        lasts: Duration,
    ) -> Self {
        Self {
            develop_appid: develop_appid.into(),
            auth_open_id,
            key: key.into(),
            appid: appid.into(),
            state: None,
            reference: None,
            bid: None,
            lasts,
        }
    }

    /// The push must bring back this text.
    #[must_use]
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// The shop's own text for the code; the event brings it back.
    #[must_use]
    pub fn reference(mut self, reference: Reference) -> Self {
        self.reference = Some(reference);
        self
    }

    /// The bid that the code's answer told; an event whose push tells another is marked.
    #[must_use]
    pub fn bid(mut self, bid: Fen) -> Self {
        self.bid = Some(bid);
        self
    }
}

/// The state is what a forger must not learn.
impl std::fmt::Debug for Booking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Booking").field("appid", &self.appid).field("lasts", &self.lasts).finish_non_exhaustive()
    }
}

/// How long a push is to be expected after this answer.
pub(crate) fn lasts(qrcode: &Qrcode, grace: Duration) -> Duration {
    qrcode.expiry.as_ref().and_then(Expiry::duration).unwrap_or(UNSAID).saturating_add(grace)
}
