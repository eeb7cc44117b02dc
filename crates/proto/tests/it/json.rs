//! Strategies for JSON documents: any document, and documents of an answer's shape with and without faults.

use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use weifen_proto::{Field, Shape};

/// Any text of a document; odd ones come more often than by chance.
fn text() -> BoxedStrategy<String> {
    let odd =
        vec!["", " ", "0", "200", "1e2", "-1", "null", "\0", "\u{feff}", "o 1", "2016-05-27 11:04:36", "https://a/"];
    prop_oneof![2 => "\\PC{0,12}", 1 => proptest::sample::select(odd).prop_map(str::to_owned)].boxed()
}

/// Any value that is no array or object.
fn scalar() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        proptest::sample::select(vec![0_i64, 1, 200, 20_000, 50_000, 40_005]).prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        text().prop_map(Value::from),
    ]
    .boxed()
}

/// Any document of a few levels.
pub(crate) fn any_document() -> BoxedStrategy<Value> {
    let names = vec!["status", "code", "data", "result", "msg", "CAPRoot", "openid", "mobile", "accounts", "errcode"];
    let name = prop_oneof![proptest::sample::select(names).prop_map(str::to_owned), text()];
    scalar()
        .prop_recursive(5, 40, 6, move |inner| {
            prop_oneof![
                vec(inner.clone(), 0..6).prop_map(Value::from),
                hash_map(name.clone(), inner, 0..6).prop_map(|fields| fields.into_iter().collect()),
            ]
        })
        .boxed()
}

/// A document of this shape, in which some fields are missing or hold any value.
pub(crate) fn of_shape(shape: Shape) -> BoxedStrategy<Value> {
    let as_documented = match shape {
        Shape::Text => text().prop_map(Value::from).boxed(),
        Shape::Integer => prop_oneof![Just(0_i64), Just(200), Just(20_000), any::<i64>()].prop_map(Value::from).boxed(),
        Shape::Array(element) => vec(of_shape(*element), 0..4).prop_map(Value::from).boxed(),
        Shape::Object(fields) => object(fields),
        _ => scalar(),
    };
    prop_oneof![9 => as_documented, 1 => any_document()].boxed()
}

fn object(fields: &'static [Field]) -> BoxedStrategy<Value> {
    let fields: Vec<_> = fields
        .iter()
        .map(|field| {
            let name = field.name();
            proptest::option::weighted(0.9, of_shape(field.shape()))
                .prop_map(move |value| Some((name.to_owned(), value?)))
        })
        .collect();
    fields.prop_map(|fields| fields.into_iter().flatten().collect::<Map<_, _>>().into()).boxed()
}

/// Returns the document as text; `twice` repeats its first field with this value.
pub(crate) fn written(document: &Value, twice: Option<&Value>) -> String {
    let text = document.to_string();
    let first = document.as_object().and_then(|fields| fields.keys().next());
    match (first, twice) {
        (Some(name), Some(value)) => text.replacen('{', &format!("{{{}:{value},", Value::from(name.as_str())), 1),
        _ => text,
    }
}
