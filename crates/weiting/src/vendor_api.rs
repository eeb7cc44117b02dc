//! The vendor's API as configured: its base URL, and the settings that the vendor's document leaves open.

use weifen_proto::{Encoding, Operation, Path};
use weifen_transport::{BadReply, BaseUrl, CallError, Failure, NetworkFault, NotConfigured, Unusable};

/// Body encoding of the operations for which the vendor documents none: `authorize_url`, `openid_by_code` and
/// `prize_notice`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BodyEncoding {
    /// `application/x-www-form-urlencoded` (assumed); the default.
    #[default]
    Form,
    /// As JSON.
    Json,
}

/// Base URL of the vendor, and the settings that its document leaves open.
#[derive(Debug)]
pub(crate) struct VendorApi {
    pub(crate) base_url: BaseUrl,
    pub(crate) body_encoding: BodyEncoding,
    pub(crate) user_path: Option<String>,
}

impl VendorApi {
    pub(crate) fn encoding(&self, operation: &Operation) -> Encoding {
        match (operation.encoding_selectable, self.body_encoding) {
            (false, _) => operation.encoding,
            (true, BodyEncoding::Form) => Encoding::Form,
            (true, BodyEncoding::Json) => Encoding::Json,
        }
    }

    pub(crate) fn path(&self, operation: &Operation) -> Result<&str, NotConfigured> {
        match operation.path {
            Path::Fixed(path) => Ok(path),
            Path::Configured(setting) => self.user_path.as_deref().ok_or(NotConfigured::new(
                setting,
                "the vendor's document gives no path for this operation; ask the vendor, and set the path in the \
                 configuration",
            )),
        }
    }

    /// Adds a hint with the documented http URL where the assumed https URL can't be reached or redirects elsewhere.
    pub(crate) fn explain(&self, error: CallError) -> CallError {
        let https_fails = match error.failure() {
            // A server whose TLS is merely not accepted, such as a bad certificate, must not be called in clear.
            Failure::NotDelivered(error) => error.fault().is_none_or(NetworkFault::may_lack_tls),
            Failure::Undecodable(reply) | Failure::UnknownOutcome(Unusable::BadReply(reply)) => {
                matches!(reply, BadReply::Redirect { .. })
            }
            _ => false,
        };
        if self.base_url.is_https() && https_fails {
            return error.with_hint(
                "https at 微厅 is an assumption; the document gives http://m.sh.189.cn, which needs `plaintext = true` \
                 and sends secret and token unencrypted",
            );
        }
        error
    }
}
