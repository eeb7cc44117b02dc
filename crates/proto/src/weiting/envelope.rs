//! The shapes in which 微厅 answers: it says yes by one of three fields, and no in as many ways as it has authors.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::cap;
use crate::decode::{self, Exactly};
use crate::{CapResponse, NoAnswer, Operation, Refusal, RefusalKind, lenient};

/// `status` of an answer.
pub(super) type Done = Exactly<200>;

/// `errcode` or `flag` of an answer.
pub(super) type Zero = Exactly<0>;

/// A refusal that the vendor documents: its code, its words, what it is about.
pub(super) type Documented = (i64, &'static str, RefusalKind);

/// What may be refused with at any operation (documented at one, assumed elsewhere).
const EVERYWHERE: &[Documented] = &[
    (0, "access_token校验异常", RefusalKind::TokenRejected),
    (40005, "接口异常，请稍后再试", RefusalKind::ServiceFault),
];

/// Reads `body` as the answer `T`, else as a refusal: one of `documented`, or one of the kind `otherwise`.
pub(super) fn read<T: DeserializeOwned>(
    body: &[u8],
    operation: &'static Operation,
    documented: &[Documented],
    otherwise: RefusalKind,
) -> Result<T, NoAnswer> {
    decode::json_or(body, |text| refusal(text, operation, documented, otherwise).map(NoAnswer::Refused))
}

fn refusal(
    text: &str,
    operation: &'static Operation,
    documented: &[Documented],
    otherwise: RefusalKind,
) -> Option<Refusal> {
    let no: No<'_> = decode::attempt(text)?;
    let (code, message) = (no.code()?, no.message());
    let kind = EVERYWHERE
        .iter()
        .chain(documented)
        .find(|(known_code, words, _)| *known_code == code && same_words(words, &message))
        .map_or(otherwise, |(_, _, kind)| *kind);
    Some(Refusal::new(operation, kind, code, message).with_cap(no.cap()))
}

/// Every field by which a refusal shows itself. What a field says is read from its text when it is asked for, so that a
/// huge or odd one costs nothing and fails nothing.
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
    /// The code, if it is one that says no.
    fn code(&self) -> Option<i64> {
        let no = |code: Option<i64>, yes: i64| code.filter(|code| *code != yes);
        no(self.errcode, 0).or(no(self.status, 200)).or(no(self.flag, 0))
    }

    /// The words, wherever they stand. `data.mobile` holds a reason when the code says no, not a number.
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

/// A field's value, if it is a `T`.
fn read_raw<'a, T: Deserialize<'a>>(field: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(field?.get()).ok()
}

/// Whether two messages are the same but for white space, which the vendor's documents set at will.
fn same_words(a: &str, b: &str) -> bool {
    a.split_whitespace().flat_map(str::chars).eq(b.split_whitespace().flat_map(str::chars))
}
