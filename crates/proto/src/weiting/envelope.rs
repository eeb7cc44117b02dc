//! The shapes of 微厅's answers: one of three fields marks success, and each operation refuses in its own form.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::cap;
use crate::decode::{self, Exactly};
use crate::{CapResponse, Field, KnownRefusal, NoAnswer, Operation, Refusal, RefusalKind, Shape, lenient};

/// `status` of an answer.
pub(super) type Done = Exactly<200>;

/// `errcode` or `flag` of an answer.
pub(super) type Zero = Exactly<0>;

/// Refusals that 微厅 gives at any operation (documented at one, assumed elsewhere).
pub const COMMON_REFUSALS: &[KnownRefusal] = &[
    KnownRefusal::new(0, "access_token校验异常", RefusalKind::TokenRejected),
    KnownRefusal::new(40005, "接口异常，请稍后再试", RefusalKind::ServiceFault),
];

/// Documented shape of a refusal; operations differ in the fields that are present.
pub const REFUSAL: Shape = Shape::Object(&[
    Field::integer("status").or_absent(),
    Field::integer("errcode").or_absent(),
    Field::integer("flag").or_absent(),
    Field::text("errMsg").or_absent(),
    Field::text("result").or_absent(),
    Field::new("data", Shape::Any).or_absent(),
    Field::new("info", Shape::Any).or_absent(),
    Field::new("msg", cap::MESSAGE).or_absent(),
]);

/// Decodes `body` as the answer `T`, else as a refusal: a `known` one, or one of the kind `otherwise`.
pub(super) fn read<T: DeserializeOwned>(
    body: &[u8],
    operation: &'static Operation,
    known: &[KnownRefusal],
    otherwise: RefusalKind,
) -> Result<T, NoAnswer> {
    decode::json_or(body, |text| refusal(text, operation, known, otherwise).map(NoAnswer::Refused))
}

fn refusal(
    text: &str,
    operation: &'static Operation,
    known: &[KnownRefusal],
    otherwise: RefusalKind,
) -> Option<Refusal> {
    let no: No<'_> = decode::attempt(text)?;
    let (code, message) = (no.code()?, no.message());
    let kind = COMMON_REFUSALS
        .iter()
        .chain(known)
        .find(|known| known.code == code && same_words(known.message, &message))
        .map_or(otherwise, |known| known.kind);
    Some(Refusal::new(operation, kind, code, message).with_cap(no.cap()))
}

/// All fields that may hold a refusal. Their texts are decoded only when needed, so that a huge or odd one costs
/// nothing and fails nothing.
#[derive(Deserialize)]
struct No<'a> {
    #[serde(default, deserialize_with = "lenient::optional_integer")]
    status: Option<i64>,
    #[serde(default, deserialize_with = "lenient::optional_integer")]
    errcode: Option<i64>,
    #[serde(default, deserialize_with = "lenient::optional_integer")]
    flag: Option<i64>,
    #[serde(borrow, default, rename = "errMsg")]
    err_msg: Option<&'a RawValue>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    msg: Option<&'a RawValue>,
}

/// `data` of a refusal, where it is an object.
#[derive(Deserialize)]
struct Data {
    mobile: String,
}

impl No<'_> {
    /// Returns the code, if it is a refusal's.
    fn code(&self) -> Option<i64> {
        let no = |code: Option<i64>, yes: i64| code.filter(|code| *code != yes);
        no(self.errcode, 0).or(no(self.status, 200)).or(no(self.flag, 0))
    }

    /// Returns the message from whichever field has it. In a refusal, `data.mobile` holds a reason, not a number.
    fn message(&self) -> String {
        let words = |text: &String| !text.trim().is_empty();
        let said = |field| read_raw::<String>(field).filter(words);
        said(self.err_msg)
            .or_else(|| said(self.data))
            .or_else(|| read_raw::<Data>(self.data).map(|data| data.mobile).filter(words))
            .or_else(|| said(self.result))
            .or_else(|| said(self.msg))
            .unwrap_or_default()
    }

    fn cap(&self) -> Option<CapResponse> {
        let object = self.msg.filter(|msg| msg.get().starts_with('{'));
        read_raw::<cap::Message>(object).and_then(cap::Message::into_response)
    }
}

/// Decodes a field's value; `None` where it is no `T`.
fn read_raw<'a, T: Deserialize<'a>>(field: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(field?.get()).ok()
}

/// Returns true where two messages differ only in white space, which the vendor's documents use inconsistently.
fn same_words(a: &str, b: &str) -> bool {
    a.split_whitespace().flat_map(str::chars).eq(b.split_whitespace().flat_map(str::chars))
}
