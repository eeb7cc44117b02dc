//! Finds all that is wrong with an object by its schema. null counts as absent.

use std::ops::RangeInclusive;

use serde_json::{Map, Number, Value};

use super::fault::Fault;
use super::format;
use super::schema::{Schema, types};

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
        faults.push(Fault::of_body(format!("expected exactly one of {}", names.join(", "))));
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

/// Returns the fault of a list's length, if it has one.
fn number_of_items(schema: &Value, items: usize) -> Option<String> {
    let allowed = range(schema, ["minItems", "maxItems"], 0);
    (!has_length(&allowed, items)).then(|| format!("expected a number of items {}", in_words(&allowed)))
}

/// The range that a schema allows between these bounds; `least` is the lower one where the schema names none.
fn range(schema: &Value, names: [&str; 2], least: i64) -> RangeInclusive<i64> {
    let [lower, upper] = names.map(|name| schema.get(name).and_then(Value::as_i64));
    lower.unwrap_or(least)..=upper.unwrap_or(i64::MAX)
}

fn has_length(allowed: &RangeInclusive<i64>, length: usize) -> bool {
    allowed.contains(&i64::try_from(length).unwrap_or(i64::MAX))
}

fn in_words(allowed: &RangeInclusive<i64>) -> String {
    format!("from {} to {}", allowed.start(), allowed.end())
}

fn unknown(schema: &Schema) -> String {
    let names: Vec<_> = schema.fields().map(|(name, _)| name).collect();
    if names.is_empty() {
        return "is unknown: nothing is expected".to_owned();
    }
    format!("is unknown: expected {}", names.join(", "))
}

/// Returns the fault of a value, if it has one. A number such as 1.0 becomes the integer that it is.
fn problem(schema: &Value, value: &mut Value) -> Option<String> {
    let types = types(schema);
    match value {
        Value::String(text) if types.contains(&"string") => problem_of_text(schema, text),
        Value::Bool(_) if types.contains(&"boolean") => None,
        Value::Number(number) if types.contains(&"integer") => {
            let allowed = range(schema, ["minimum", "maximum"], i64::MIN);
            match whole(number).filter(|whole| allowed.contains(whole)) {
                Some(whole) => {
                    *number = whole.into();
                    None
                }
                None => Some(format!("expected a whole number {}", in_words(&allowed))),
            }
        }
        _ => Some(format!("expected {}", expected(&types))),
    }
}

fn problem_of_text(schema: &Value, text: &str) -> Option<String> {
    let allowed = range(schema, ["minLength", "maxLength"], 0);
    let words = schema.get("enum").and_then(Value::as_array);
    if text.contains('\0') {
        // PostgreSQL stores no such text.
        Some("must not contain the character NUL (U+0000)".to_owned())
    } else if words.is_some_and(|words| words.iter().all(|word| word != text)) {
        let words: Vec<_> = words.into_iter().flatten().filter_map(Value::as_str).collect();
        Some(format!("expected one of {}", words.join(", ")))
    } else if text.is_empty() && *allowed.start() > 0 {
        Some("must not be empty".to_owned())
    } else if !has_length(&allowed, text.chars().count()) {
        Some(format!("expected {} characters", in_words(&allowed)))
    } else {
        let name = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        format::problem(name, text).map(str::to_owned)
    }
}

/// The integer that a number is: 1.0 and 1e0 are 1. Beyond 2^53 a float stands for several integers.
fn whole(number: &Number) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = || number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < EXACT);
    number.as_i64().or_else(|| format!("{:.0}", float()?).parse().ok())
}

fn expected(types: &[&str]) -> &'static str {
    match types {
        ["integer", ..] => "a whole number",
        ["boolean", ..] => "true or false",
        ["array", ..] => "a list",
        _ => "a text",
    }
}
