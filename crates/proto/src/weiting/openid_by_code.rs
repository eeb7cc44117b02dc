//! 获取openid · POST /service/wxoauth/2.0/getOpenidByCode

use serde::Deserialize;

use super::envelope::{self, Done};
use super::{Code, Openid, callback};
use crate::{
    Encoding, Endpoint, Field, InvalidRequest, KnownRefusal, NoAnswer, Operation, Parameters, Path, RefusalKind,
    Repeat, Shape, Vendor,
};

/// Request that exchanges the code from WeChat's consent page for the user's openid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenidByCodeRequest {
    code: Code,
}

impl OpenidByCodeRequest {
    /// Creates a request for the user of `code`.
    pub fn new(code: Code) -> Self {
        Self { code }
    }

    /// Creates a request from `url`, the whole URL of the browser's callback.
    ///
    /// # Errors
    /// When the URL has no `code`, such as after the user declined.
    pub fn from_callback(url: &str) -> Result<Self, InvalidRequest> {
        callback::code(url).map(Self::new)
    }
}

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "status")]
    _status: Done,
    openid: Openid,
}

impl Endpoint for OpenidByCodeRequest {
    type Answer = Openid;

    const OPERATION: Operation = Operation::new(
        Vendor::Weiting,
        "openid_by_code",
        "获取openid",
        Path::Fixed("/service/wxoauth/2.0/getOpenidByCode"),
    )
    .encoded(Encoding::Form)
    .in_any_encoding()
    .repeat(Repeat::Once);

    const PARAMETERS: &'static [&'static str] = &["code"];

    const DOCUMENTED: Shape = Shape::Object(&[Field::integer("status"), Field::text("openid")]);

    const REFUSALS: &'static [KnownRefusal] = &[KnownRefusal::new(40005, "code 已过期", RefusalKind::CodeExpired)];

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new().text("code", self.code.as_str())
    }

    fn answer(body: &[u8]) -> Result<Openid, NoAnswer> {
        let reply: Reply = envelope::read(body, &Self::OPERATION, Self::REFUSALS, RefusalKind::Unexplained)?;
        Ok(reply.openid)
    }
}
