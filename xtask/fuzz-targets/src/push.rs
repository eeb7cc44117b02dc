//! A push's body, in JSON or as a form.

use serde_json::Value;
use weifen_proto::Undecodable;
use weifen_proto::fensi::Push;

use crate::canary;
use crate::unknown_field::with_unknown_field;

/// Checks for any body: it is a push or gives an error that shows no value. A push is the same in JSON and as a form,
/// with a trailing comma, with an unknown field, and when stored as UTF-8.
pub fn push(body: &[u8]) {
    let reading = Push::parse(body);
    assert!(Push::drifts(body).len() <= 32);
    if let Ok(push) = &reading {
        is_the_same_in_every_form(push);
        assert_eq!(Push::parse(String::from_utf8_lossy(body).as_bytes()).as_ref(), Ok(push), "stored as UTF-8");
    }
    if let Some(with) = with_unknown_field(body) {
        assert!(are_same(&Push::parse(&with), &reading), "an unknown field changes the push");
    }
    if let Ok(document) = serde_json::from_slice::<Value>(body) {
        let planted = canary::planted(&document);
        let as_json = Push::parse(planted.to_string().as_bytes());
        let as_form = Push::parse(form(&planted).as_bytes());
        for error in [as_json.err(), as_form.err()].into_iter().flatten() {
            assert!(!canary::shows(&format!("{error} {error:?}")), "{error}");
        }
    }
    if let Ok(text) = std::str::from_utf8(body)
        && let Ok(push) = Push::from_form(text)
    {
        let with = format!("weifen_unknown=1&{text}");
        assert_eq!(Push::from_form(&with).as_ref(), Ok(&push), "an unknown field changes the push");
    }
}

fn is_the_same_in_every_form(push: &Push) {
    let document = serde_json::to_value(push).expect("a push can be written");
    let json = document.to_string();
    let with_comma = format!("{},}}", json.strip_suffix('}').expect("a push is an object"));
    for (body, how) in [(&json, "JSON"), (&with_comma, "JSON with a comma"), (&form(&document), "a form")] {
        assert_eq!(Push::parse(body.as_bytes()).as_ref(), Ok(push), "written as {how} and read again");
    }
}

/// Returns the scalars of an object as a form.
fn form(document: &Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in document.as_object().into_iter().flatten() {
        match value {
            Value::String(text) => _ = form.append_pair(name, text),
            Value::Number(number) => _ = form.append_pair(name, &number.to_string()),
            _ => {}
        }
    }
    form.finish()
}

/// Returns true where two readings are equal, except for the position at which a document breaks off.
fn are_same(one: &Result<Push, Undecodable>, other: &Result<Push, Undecodable>) -> bool {
    let breaks_off = |reading: &Result<_, _>| matches!(reading, Err(Undecodable::NotJson { .. }));
    one == other || (breaks_off(one) && breaks_off(other))
}
