//! The envelope of 粉丝万岁's answers: a return code, the data and a message, at any HTTP status.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::decode::{self, Exactly};
use crate::{Field, KnownRefusal, NoAnswer, Operation, Refusal, RefusalKind, Shape, lenient};

/// The refusals that 粉丝万岁 gives at any operation. Each code but 50000 has one meaning, whatever its message
/// (documented). The message decides on 50000: the first is documented, those of the server's validators are observed.
pub const COMMON_REFUSALS: &[KnownRefusal] = &[
    KnownRefusal::new(50001, "对不起，您当前匹配到的公众号吸粉客户的钱包余额不足！", RefusalKind::BalanceEmpty),
    KnownRefusal::new(50002, "生成二维码失败请稍后再试！", RefusalKind::QrcodeNotMade),
    KnownRefusal::new(50003, "对不起您的app_secret不正确，请您进入后台重新初始化", RefusalKind::SecretRejected),
    KnownRefusal::new(50004, "signature校验错误", RefusalKind::SignatureRejected),
    KnownRefusal::new(AMBIGUOUS, "暂无匹配的公众号！", RefusalKind::NoMatch),
    KnownRefusal::new(AMBIGUOUS, "用户授权的昵称不能为空", RefusalKind::NicknameMissing),
    KnownRefusal::new(AMBIGUOUS, "请传入粉丝的IP地址！", RefusalKind::IpMissing),
    KnownRefusal::new(AMBIGUOUS, "IP地址不正确", RefusalKind::IpMalformed),
    KnownRefusal::new(AMBIGUOUS, "设备key值不能为空！", RefusalKind::KeyMissing),
    KnownRefusal::new(AMBIGUOUS, "用户授权的open_id不能为空", RefusalKind::AuthOpenIdMissing),
    KnownRefusal::new(AMBIGUOUS, "时间戳不能为空", RefusalKind::TimestampMissing),
    KnownRefusal::new(AMBIGUOUS, "随机字符串不能为空", RefusalKind::NonceMissing),
    KnownRefusal::new(AMBIGUOUS, "签名不能为空！", RefusalKind::SignatureMissing),
    KnownRefusal::new(AMBIGUOUS, "开发APPID不能为空！", RefusalKind::DevelopAppidMissing),
];

/// The return code with several meanings.
const AMBIGUOUS: i64 = 50000;

/// Fields beside the data (documented).
pub(super) const CODE: Field = Field::integer("code");
pub(super) const MESSAGE: Field = Field::text("message");

/// Shape of an answer whose data is a list of numbers and names (documented).
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
    let is_it = |known: &&KnownRefusal| known.code == code && (code != AMBIGUOUS || known.message == message.trim());
    COMMON_REFUSALS.iter().find(is_it).map_or(RefusalKind::Unexplained, |known| known.kind)
}
