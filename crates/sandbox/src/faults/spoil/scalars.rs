//! Scalars that turn into something else.

use serde_json::{Number, Value, json};

pub(super) fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

/// Puts what is no scalar, or a boolean, in the place of the scalar there.
pub(super) fn replace(answer: &mut Value, pointer: &str, choice: u64) -> Option<()> {
    let scalar = answer.pointer_mut(pointer)?;
    let others = if scalar.is_boolean() { vec![json!([]), json!({})] } else { vec![json!([]), json!({}), json!(true)] };
    // The lower digits have already chosen the field.
    let which = usize::try_from((choice >> 32) % others.len() as u64).ok()?;
    *scalar = others.into_iter().nth(which)?;
    Some(())
}

/// Each number among the fields; none where there is no number.
pub(super) fn numbers_as_strings(answer: &mut Value, pointers: &[String]) -> Option<()> {
    let mut any = None;
    for pointer in pointers {
        if let Some(value) = answer.pointer_mut(pointer).filter(|value| value.is_number()) {
            *value = json!(value.to_string());
            any = Some(());
        }
    }
    any
}

/// Each text among the fields that reads as a number; where none does, the one at `fallback` turns into a 1.
pub(super) fn strings_as_numbers(answer: &mut Value, pointers: &[String], fallback: &str) -> Option<()> {
    let mut any = false;
    for pointer in pointers {
        let value = answer.pointer_mut(pointer)?;
        if let Some(number) = value.as_str().and_then(|text| text.parse::<Number>().ok()) {
            *value = Value::Number(number);
            any = true;
        }
    }
    if !any {
        *answer.pointer_mut(fallback)? = json!(1);
    }
    Some(())
}

/// Another value of the same kind.
pub(super) fn another(value: &Value) -> Value {
    match value {
        Value::Null => json!(0),
        Value::Bool(flag) => json!(!flag),
        Value::Number(number) => number.as_i64().map_or(json!(0), |number| json!(number.wrapping_add(1))),
        Value::String(text) => json!(format!("{text}2")),
        Value::Array(_) => json!([]),
        Value::Object(_) => json!({}),
    }
}
