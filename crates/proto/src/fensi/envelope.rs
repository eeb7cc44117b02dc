//! The envelope in which 粉丝万岁 answers: a return code, the data, a message, at any HTTP status.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::decode::{self, Exactly};
use crate::{Field, NoAnswer, Operation, Refusal, RefusalKind, Shape, lenient};

/// The return codes with one meaning each (documented).
const CODES: &[(i64, RefusalKind)] = &[
    (50001, RefusalKind::BalanceEmpty),
    (50002, RefusalKind::QrcodeNotMade),
    (50003, RefusalKind::SecretRejected),
    (50004, RefusalKind::SignatureRejected),
];

/// The texts of return code 50000: the documented one, then those of the server's validators (observed).
const TEXTS_OF_50000: &[(&str, RefusalKind)] = &[
    ("暂无匹配的公众号！", RefusalKind::NoMatch),
    ("用户授权的昵称不能为空", RefusalKind::NicknameMissing),
    ("请传入粉丝的IP地址！", RefusalKind::IpMissing),
    ("IP地址不正确", RefusalKind::IpMalformed),
    ("设备key值不能为空！", RefusalKind::KeyMissing),
    ("用户授权的open_id不能为空", RefusalKind::AuthOpenIdMissing),
    ("时间戳不能为空", RefusalKind::TimestampMissing),
    ("随机字符串不能为空", RefusalKind::NonceMissing),
    ("签名不能为空！", RefusalKind::SignatureMissing),
    ("开发APPID不能为空！", RefusalKind::DevelopAppidMissing),
];

/// The fields beside the data (documented).
pub(super) const CODE: Field = Field::integer("code");
pub(super) const MESSAGE: Field = Field::text("message");

/// An answer whose data is a list of numbers and names (documented).
pub(super) const LIST: Shape = Shape::Object(&[
    CODE,
    Field::new("data", Shape::Array(&Shape::Object(&[Field::integer("id"), Field::text("name")]))),
    MESSAGE,
]);

#[derive(Deserialize)]
struct Yes<T> {
    #[serde(rename = "code")]
    _code: Exactly<20000>,
    data: T,
}

#[derive(Deserialize)]
struct No {
    #[serde(deserialize_with = "lenient::integer")]
    code: i64,
    #[serde(default, deserialize_with = "lenient::free_text_or_nothing")]
    message: String,
}

/// Reads `body` as an answer with the data `T`, else as a refusal of `operation`.
pub(super) fn data<T: DeserializeOwned>(body: &[u8], operation: &'static Operation) -> Result<T, NoAnswer> {
    let yes: Yes<T> = decode::json_or(body, |text| refusal(text, operation).map(NoAnswer::Refused))?;
    Ok(yes.data)
}

fn refusal(text: &str, operation: &'static Operation) -> Option<Refusal> {
    let No { code, message } = decode::attempt(text)?;
    (code != 20000).then(|| Refusal::new(operation, kind(code, &message), code, message))
}

fn kind(code: i64, message: &str) -> RefusalKind {
    let by_code = CODES.iter().find(|(known, _)| *known == code).map(|(_, kind)| *kind);
    let by_text = || TEXTS_OF_50000.iter().find(|(text, _)| *text == message.trim()).map(|(_, kind)| *kind);
    by_code.or_else(|| (code == 50000).then(by_text).flatten()).unwrap_or(RefusalKind::Unexplained)
}
