//! Any document as the answer of every operation: it gives an answer or an error, unknown fields change nothing, and
//! no error shows a value.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use weifen_proto::{Entry, NoAnswer};

use crate::fixtures::operations;
use crate::json::{any_document, of_shape, written};

/// Strategy for an operation and a document that is nearly its answer.
fn near_an_answer() -> impl Strategy<Value = (&'static Entry, Value)> {
    let entries: Vec<_> = operations().collect();
    proptest::sample::select(entries).prop_flat_map(|entry| (Just(entry), of_shape(entry.shape)))
}

/// Returns the document with `canary` in place of every text.
fn planted(document: &Value, canary: &str) -> Value {
    match document {
        Value::String(_) => canary.into(),
        Value::Array(values) => values.iter().map(|value| planted(value, canary)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), planted(value, canary)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        _ => document.clone(),
    }
}

proptest! {
    #[test]
    fn any_document_is_an_answer_or_an_error(document in any_document(), twice in proptest::option::of(any_document())) {
        let body = written(&document, twice.as_ref());
        for Entry { read, shape, .. } in operations() {
            _ = read(body.as_bytes());
            prop_assert!(shape.drifts(body.as_bytes()).len() <= 32);
        }
    }

    #[test]
    fn a_document_near_an_answer_is_one_or_an_error((entry, document) in near_an_answer(), cut in any::<Index>()) {
        let body = document.to_string();
        _ = (entry.read)(body.as_bytes());
        if document.is_object() {
            let outcome = (entry.read)(&body.as_bytes()[..cut.index(body.len())]);
            prop_assert!(matches!(outcome, Err(NoAnswer::Undecodable(_))), "{}: a cut body is no answer", entry.operation);
        }
    }

    #[test]
    fn an_unknown_field_changes_no_answer_and_no_error((entry, document) in near_an_answer(), value in any_document()) {
        let mut with = document.clone();
        if let Some(fields) = with.as_object_mut() {
            fields.insert("weifen_unknown".to_owned(), value);
            let (outcome, with) = ((entry.read)(document.to_string().as_bytes()), (entry.read)(with.to_string().as_bytes()));
            prop_assert_eq!(outcome, with, "{}", entry.operation);
        }
    }

    #[test]
    fn no_error_shows_a_value((entry, document) in near_an_answer()) {
        let canary = "zq7canary";
        let body = planted(&document, canary).to_string();
        if let Err(NoAnswer::Undecodable(error)) = (entry.read)(body.as_bytes()) {
            prop_assert!(!format!("{error} {error:?}").contains(canary), "{}: {error}", entry.operation);
        }
        let drifts = format!("{:?}", entry.shape.drifts(body.as_bytes()));
        prop_assert!(!drifts.contains(canary), "{}: {drifts}", entry.operation);
    }

    #[test]
    fn a_refusal_shows_no_mobile_number(words in "\\PC{0,9}", digits in "1[3-9][0-9]{9}", more in "[^0-9]{0,9}") {
        let message = format!("{words}\u{2003}{digits}\u{2003}{more}");
        for entry in operations() {
            let body = json!({"code": 50_009, "message": &message, "status": 0, "errcode": 9, "flag": 9, "errMsg": &message});
            let Err(NoAnswer::Refused(refusal)) = (entry.read)(body.to_string().as_bytes()) else {
                return Err(TestCaseError::fail(format!("{} is not refused", entry.operation)));
            };
            prop_assert_eq!(refusal.message(), &message);
            prop_assert!(!format!("{refusal} {refusal:?}").contains(&digits), "{}: {}", entry.operation, refusal);
        }
    }
}
