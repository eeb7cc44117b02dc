//! 获取openid · POST /service/wxoauth/2.0/getOpenidByCode

use serde::Deserialize;

use super::envelope::{self, Done};
use super::{Code, Openid, callback};
use crate::{
    Access, Encoding, Endpoint, Field, InvalidRequest, NoAnswer, Operation, Parameters, Path, RefusalKind, Repeat,
    Shape, Vendor,
};

/// Trades the code that came back from WeChat's consent page for the user's openid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenidByCode {
    code: Code,
}

impl OpenidByCode {
    /// The user who came back with `code`.
    pub fn new(code: Code) -> Self {
        Self { code }
    }

    /// The user who came back to `url`, the whole address that the browser asked for.
    ///
    /// # Errors
    /// When the URL has no `code`, as when the user declined.
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

impl Endpoint for OpenidByCode {
    type Answer = Openid;

    const OPERATION: Operation = Operation {
        vendor: Vendor::Weiting,
        name: "openid_by_code",
        title: "获取openid",
        path: Path::Fixed("/service/wxoauth/2.0/getOpenidByCode"),
        encoding: Encoding::Form,
        encoding_selectable: true,
        access: Access::Token,
        repeat: Repeat::Once,
    };

    const DOCUMENTED: Shape = Shape::Object(&[Field::integer("status"), Field::text("openid")]);

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new().text("code", self.code.as_str())
    }

    fn answer(body: &[u8]) -> Result<Openid, NoAnswer> {
        let documented = [(40005, "code 已过期", RefusalKind::CodeExpired)];
        let reply: Reply = envelope::read(body, &Self::OPERATION, &documented, RefusalKind::Unexplained)?;
        Ok(reply.openid)
    }
}
