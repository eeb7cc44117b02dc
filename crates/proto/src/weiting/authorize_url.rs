//! 微信基本授权 · POST /service/wxoauth/2.0/getBaseUrl

use serde::{Deserialize, Serialize};

use super::envelope::{self, Done};
use crate::text::{checked, identifier};
use crate::{
    Encoding, Endpoint, Field, InvalidRequest, NoAnswer, Operation, Parameters, Path, RefusalKind, Repeat, Shape,
    Vendor, lenient,
};

/// Request for the URL of WeChat's consent page, which sends the browser back to `state` with a code.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizeUrlRequest {
    state: String,
}

impl AuthorizeUrlRequest {
    /// Creates a request. `state` is the URL to come back to; it may have a query or a fragment.
    ///
    /// # Errors
    /// When `state` is not an absolute http or https URL.
    pub fn new(state: impl Into<String>) -> Result<Self, InvalidRequest> {
        let state = checked("state", state, absolute_url)?;
        Ok(Self { state })
    }
}

impl std::fmt::Debug for AuthorizeUrlRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthorizeUrlRequest").finish_non_exhaustive()
    }
}

/// URL of WeChat's consent page, to be passed to the browser byte for byte.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Redirect(String);

impl Redirect {
    /// Returns the URL, `#wechat_redirect` included.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Redirect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redirect(..)")
    }
}

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "status")]
    _status: Done,
    #[serde(deserialize_with = "redirect")]
    redirect: Redirect,
}

fn redirect<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Redirect, D::Error> {
    let url = lenient::text(deserializer)?;
    match absolute_url(&url) {
        Ok(()) => Ok(Redirect(url)),
        Err(_) => Err(lenient::unexpected("an absolute http or https URL")),
    }
}

fn absolute_url(text: &str) -> Result<(), &'static str> {
    let scheme_and_rest = text.split_once("://").filter(|(scheme, rest)| {
        (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
            && !rest.starts_with(['/', '?', '#'])
            && identifier(rest).is_ok()
    });
    scheme_and_rest.map(|_| ()).ok_or("must be an absolute http or https URL")
}

impl Endpoint for AuthorizeUrlRequest {
    type Answer = Redirect;

    const OPERATION: Operation = Operation::new(
        Vendor::Weiting,
        "authorize_url",
        "微信基本授权",
        Path::Fixed("/service/wxoauth/2.0/getBaseUrl"),
    )
    .encoded(Encoding::Form)
    .in_any_encoding()
    .repeat(Repeat::Safe);

    const PARAMETERS: &'static [&'static str] = &["state"];

    const DOCUMENTED: Shape = Shape::Object(&[Field::integer("status"), Field::text("redirect")]);

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new().text("state", &self.state)
    }

    fn answer(body: &[u8]) -> Result<Redirect, NoAnswer> {
        let reply: Reply = envelope::read(body, &Self::OPERATION, Self::REFUSALS, RefusalKind::Unexplained)?;
        Ok(reply.redirect)
    }
}
