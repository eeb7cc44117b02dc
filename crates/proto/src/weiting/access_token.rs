//! 获取AccessToken · GET /service/1.0/access/token

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::envelope::{self, Done};
use crate::text::{identifier, text_type};
use crate::{
    Access, Encoding, Endpoint, Field, NoAnswer, Operation, Parameters, Path, RefusalKind, Repeat, Shape, Vendor,
};

/// Request for an `access_token`, which every other call of 微厅 carries.
///
/// The number of fetches a day is limited (documented; the limit is not).
#[derive(Debug, Clone)]
pub struct AccessTokenRequest {
    appid: String,
    secret: SecretString,
}

impl AccessTokenRequest {
    /// Creates a request for the application `appid`, which proves itself by `secret`.
    pub fn new(appid: impl Into<String>, secret: SecretString) -> Self {
        Self { appid: appid.into(), secret }
    }
}

text_type! {
    /// The token of 微厅 that all processes of an operator share. It lives 7200 s (documented), counted from before its
    /// request was sent. It may hold any printable character, `=` included.
    AccessToken, "access_token", identifier, redacted
}

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "status")]
    _status: Done,
    data: AccessToken,
}

/// Returns true for a message without blanks, where an answer has its token, under a code that no answer has. It is
/// hidden.
fn may_be_a_token(words: &str) -> bool {
    words.len() >= 16 && words.bytes().all(|byte| byte.is_ascii_graphic())
}

impl Endpoint for AccessTokenRequest {
    type Answer = AccessToken;

    const OPERATION: Operation =
        Operation::new(Vendor::Weiting, "access_token", "获取AccessToken", Path::Fixed("/service/1.0/access/token"))
            .encoded(Encoding::Query)
            .access(Access::Open)
            .repeat(Repeat::Counted);

    const PARAMETERS: &'static [&'static str] = &["appid", "secret"];

    const DOCUMENTED: Shape =
        Shape::Object(&[Field::integer("status"), Field::text("data"), Field::new("info", Shape::Any).or_absent()]);

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new().text("appid", &self.appid).text("secret", self.secret.expose_secret())
    }

    fn answer(body: &[u8]) -> Result<AccessToken, NoAnswer> {
        match envelope::read::<Reply>(body, &Self::OPERATION, Self::REFUSALS, RefusalKind::TokenNotIssued) {
            Ok(reply) => Ok(reply.data),
            Err(NoAnswer::Refused(refusal)) if may_be_a_token(refusal.message()) => {
                let words = refusal.message().to_owned();
                Err(refusal.hiding(vec![words]).into())
            }
            Err(error) => Err(error),
        }
    }
}
