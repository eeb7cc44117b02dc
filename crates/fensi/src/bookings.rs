//! Books each QR code before its user sees it. The receiver of pushes can then tell an expected push from one that
//! nobody asked for.

use std::fmt::Debug;
use std::time::Duration;

use weifen_proto::InvalidRequest;
use weifen_proto::fensi::{AuthOpenId, Expiry, Fen, Qrcode, Reference, check_identifier, check_state};
use weifen_transport::{StoreError, async_trait};

/// Validity of a QR code where the vendor doesn't give it in seconds: 120 s, as in the document's example.
const UNSAID: Duration = Duration::from_secs(120);

/// Default time for which a booking outlasts its code: enough to type a verification code, and for a late push
/// (assumed).
pub(crate) const GRACE: Duration = Duration::from_secs(15 * 60);

/// Store of bookings; `weifen-inbox` is one.
#[async_trait]
pub trait Bookings: Debug + Send + Sync {
    /// Writes a booking durably before it returns. Each call makes a booking of its own.
    ///
    /// # Errors
    /// The booking could not be written. The client then withholds the QR code.
    async fn book(&self, booking: &Booking) -> Result<(), StoreError>;
}

/// A QR code that was given out, after which a push for this user and this account is expected.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Booking {
    /// The developer who requested the code.
    pub develop_appid: String,
    /// The user who is to follow.
    pub auth_open_id: AuthOpenId,
    /// The device at which the user stands.
    pub key: String,
    /// The account that the user is to follow.
    pub appid: String,
    /// The text that the push must bring back; `None` where none was sent.
    pub state: Option<String>,
    /// The shop's own text for the code.
    pub reference: Option<Reference>,
    /// The bid in the vendor's answer.
    pub bid: Option<Fen>,
    /// Time from now for which a push is expected.
    pub lasts: Duration,
}

impl Booking {
    /// A booking for the user `auth_open_id`, who may follow `appid` at the device `key` until `lasts` is over.
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

    /// Sets the text that the push must bring back.
    #[must_use]
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Sets the shop's own text for the code; the event brings it back.
    #[must_use]
    pub fn reference(mut self, reference: Reference) -> Self {
        self.reference = Some(reference);
        self
    }

    /// Sets the bid in the vendor's answer; an event whose push has another bid is marked.
    #[must_use]
    pub fn bid(mut self, bid: Fen) -> Self {
        self.bid = Some(bid);
        self
    }

    /// Checks that a push can match it, and that every database can store both.
    ///
    /// # Errors
    /// The first of its texts that is refused by [`check_identifier`] or [`check_state`].
    pub fn check(&self) -> Result<(), InvalidRequest> {
        check_identifier("auth_open_id", self.auth_open_id.as_str())?;
        check_identifier("key", &self.key)?;
        check_identifier("appid", &self.appid)?;
        self.state.as_deref().map_or(Ok(()), |state| check_state("state", state))
    }
}

/// Leaves out the state, which a forger must not learn.
impl std::fmt::Debug for Booking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Booking").field("appid", &self.appid).field("lasts", &self.lasts).finish_non_exhaustive()
    }
}

/// Time for which a push is expected after this answer.
pub(crate) fn lasts(qrcode: &Qrcode, grace: Duration) -> Duration {
    qrcode.expiry.as_ref().and_then(Expiry::duration).unwrap_or(UNSAID).saturating_add(grace)
}
