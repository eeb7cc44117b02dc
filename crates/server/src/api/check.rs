//! Finds all that is wrong with an object by its schema. null counts as absent.

use serde_json::{Map, Value};

use super::fault::Fault;
use super::page;
use super::schema::{Schema, types};
use super::times::moment;

/// Checks an object, and takes the nulls out of it. `fault` tells of a field.
pub(super) fn object(
    schema: &Schema,
    given: &mut Map<String, Value>,
    fault: fn(&str, String) -> Fault,
    faults: &mut Vec<Fault>,
) {
    given.retain(|_, value| !value.is_null());
    for (name, value) in given.iter_mut() {
        match (schema.field(name), value) {
            (Some(field), Value::Array(items)) if types(field).contains(&"array") => {
                match number_of_items(field, items.len()) {
                    Some(problem) => faults.push(fault(name, problem)),
                    None => list(field, items, name, faults),
                }
            }
            (Some(field), value) => faults.extend(problem(field, value).map(|problem| fault(name, problem))),
            (None, _) => faults.push(fault(name, unknown(schema))),
        }
    }
    let missing = schema.required().filter(|name| !given.contains_key(*name));
    faults.extend(missing.map(|name| fault(name, "is missing".to_owned())));
    let count = given.keys().filter(|name| schema.field(name).is_some()).count() as u64;
    let (least, most) = schema.bounds();
    if least.is_some_and(|least| count < least) || most.is_some_and(|most| count > most) {
        let names: Vec<_> = schema.fields().map(|(name, _)| name).collect();
        faults.push(Fault::of_body(format!("expected one of {}", names.join(", "))));
    }
}

/// Checks the objects of a list in the body.
fn list(schema: &Value, items: &mut [Value], name: &str, faults: &mut Vec<Fault>) {
    let Some(schema) = Schema::of_items(schema) else { return };
    for (at, item) in items.iter_mut().enumerate() {
        let mut of_item = Vec::new();
        match item {
            Value::Object(fields) => object(&schema, fields, Fault::in_body, &mut of_item),
            _ => of_item.push(Fault::of_body("expected an object")),
        }
        faults.extend(of_item.into_iter().map(|fault| fault.within(&format!("{name}/{at}"))));
    }
}

/// What is wrong with the length of a list, if something is.
fn number_of_items(schema: &Value, items: usize) -> Option<String> {
    let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
    let (least, most) = (bound("minItems"), bound("maxItems"));
    let items = i64::try_from(items).unwrap_or(i64::MAX);
    is_outside(items, least, most).then(|| format!("expected a number of items {}", range(least, most)))
}

fn is_outside(number: i64, least: Option<i64>, most: Option<i64>) -> bool {
    least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most)
}

fn unknown(schema: &Schema) -> String {
    let names: Vec<_> = schema.fields().map(|(name, _)| name).collect();
    if names.is_empty() {
        return "is unknown: nothing is expected".to_owned();
    }
    format!("is unknown: expected {}", names.join(", "))
}

/// What is wrong with a value, if something is.
fn problem(schema: &Value, value: &Value) -> Option<String> {
    let types = types(schema);
    let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
    match value {
        Value::String(text) if types.contains(&"string") => {
            let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            let (least, most) = (bound("minLength"), bound("maxLength"));
            let words = schema.get("enum").and_then(Value::as_array);
            if words.is_some_and(|words| !words.contains(value)) {
                let words: Vec<_> = words.into_iter().flatten().filter_map(Value::as_str).collect();
                Some(format!("expected one of {}", words.join(", ")))
            } else if length == 0 && least.is_some_and(|least| least > 0) {
                Some("must not be empty".to_owned())
            } else if is_outside(length, least, most) {
                Some(format!("expected {} characters", range(least, most)))
            } else {
                let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
                malformed(format, text).map(str::to_owned)
            }
        }
        Value::Bool(_) if types.contains(&"boolean") => None,
        Value::Number(number) if types.contains(&"integer") => {
            let (least, most) = (bound("minimum"), bound("maximum"));
            match number.as_i64() {
                Some(number) if !is_outside(number, least, most) => None,
                _ => Some(format!("expected a whole number {}", range(least, most))),
            }
        }
        _ => Some(format!("expected {}", expected(&types))),
    }
}

/// What a text of a format should be, where it is none.
fn malformed(format: &str, text: &str) -> Option<&'static str> {
    match format {
        "date-time" if moment(text).is_none() => Some("expected a time, such as 2026-01-31T08:00:00Z"),
        "cursor" if page::number(text).is_none() => Some("expected a next_cursor"),
        _ => None,
    }
}

fn range(least: Option<i64>, most: Option<i64>) -> String {
    match (least, most) {
        (Some(least), Some(most)) => format!("from {least} to {most}"),
        (Some(least), None) => format!("of {least} or more"),
        (None, Some(most)) => format!("of {most} or less"),
        (None, None) => "of 64 bits".to_owned(),
    }
}

fn expected(types: &[&str]) -> &'static str {
    match types {
        ["integer", ..] => "a whole number",
        ["boolean", ..] => "true or false",
        ["array", ..] => "a list",
        _ => "a text",
    }
}
