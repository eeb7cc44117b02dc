//! The shapes in which 微厅 answers: it says yes by one of three fields, and no in as many ways as it has authors.

use serde::Deserialize;
use serde_json::Value;

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
pub(super) fn read<'de, T: Deserialize<'de>>(
    body: &'de [u8],
    operation: &'static Operation,
    documented: &[Documented],
    otherwise: RefusalKind,
) -> Result<T, NoAnswer> {
    if let Some(answer) = decode::attempt(body) {
        return Ok(answer);
    }
    let Some((code, no)) = decode::attempt::<No>(body).and_then(|no| Some((no.code()?, no))) else {
        return Ok(decode::json(body)?);
    };
    let message = no.message();
    let kind = EVERYWHERE
        .iter()
        .chain(documented)
        .find(|(known_code, words, _)| *known_code == code && same_words(words, &message))
        .map_or(otherwise, |(_, _, kind)| *kind);
    Err(Refusal::new(operation, kind, code, message).with_cap(no.cap()).into())
}

/// Every field by which a refusal shows itself.
#[derive(Deserialize)]
struct No {
    #[serde(default, deserialize_with = "lenient::optional_integer")]
    status: Option<i64>,
    #[serde(default, deserialize_with = "lenient::optional_integer")]
    errcode: Option<i64>,
    #[serde(default, deserialize_with = "lenient::optional_integer")]
    flag: Option<i64>,
    #[serde(default, rename = "errMsg")]
    err_msg: Value,
    #[serde(default)]
    result: Value,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    msg: Value,
}

impl No {
    /// The code, if it is one that says no.
    fn code(&self) -> Option<i64> {
        let no = |code: Option<i64>, yes: i64| code.filter(|code| *code != yes);
        no(self.errcode, 0).or(no(self.status, 200)).or(no(self.flag, 0))
    }

    /// The words, wherever they stand. `data.mobile` holds a reason when the code says no, not a number.
    fn message(&self) -> String {
        [&self.err_msg, &self.data, &self.data["mobile"], &self.result, &self.msg]
            .into_iter()
            .filter_map(|value| value.as_str())
            .find(|text| !text.trim().is_empty())
            .unwrap_or_default()
            .to_owned()
    }

    /// The answer of the system behind, XML turned into arrays: each element is an array of one.
    fn cap(&self) -> Option<CapResponse> {
        let header = &self.msg["CAPRoot"]["SessionHeader"][0];
        let response = &header["Response"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        header.is_object().then(|| CapResponse {
            transaction_id: text(&header["TransactionID"][0]),
            code: text(&response["RspCode"][0]),
            description: text(&response["RspDesc"][0]),
        })
    }
}

/// Whether two messages are the same but for white space, which the vendor's documents set at will.
fn same_words(a: &str, b: &str) -> bool {
    let words = |text: &'_ str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    words(a) == words(b)
}
