//! An answer's JSON, changed: a field more, less, twice, or nested; its scalars are `scalars.rs`'s.

use serde_json::{Value, json};

use super::scalars;
use crate::faults::{fault::FaultKind, state::Hit};

/// Names that sort behind all others of an object and stand in none.
const AGAIN: &str = "~again";
const NESTED: &str = "~nested";

/// The changed text; none where the answer has nothing to be changed so.
pub(super) fn spoil(hit: &Hit, answer: &Value) -> Option<String> {
    let mut changed = answer.clone();
    let kind = &hit.fault.kind;
    let field = kind.field();
    match kind {
        FaultKind::ExtraField { .. } => {
            add(&mut changed, field.unwrap_or("sandbox_extra"));
            (changed != *answer).then_some(())?;
        }
        FaultKind::MissingField { .. } => {
            let pointer = chosen(hit, answer, |_| true)?;
            let (parent, name) = parent(&mut changed, &pointer)?;
            parent.remove(&name)?;
        }
        FaultKind::WrongType { .. } => {
            scalars::replace(&mut changed, &chosen(hit, answer, scalars::is_scalar)?, hit.choice)?;
        }
        FaultKind::NumberAsString { .. } => scalars::numbers_as_strings(&mut changed, &pointers(answer, field))?,
        FaultKind::StringAsNumber { .. } => {
            let fallback = chosen(hit, answer, Value::is_string)?;
            scalars::strings_as_numbers(&mut changed, &pointers(answer, field), &fallback)?;
        }
        FaultKind::DuplicateKey { .. } => return repeated(hit, changed),
        FaultKind::DeepNesting { depth, .. } => return nested(hit, changed, depth.unwrap_or(10_000)),
        _ => return None,
    }
    Some(changed.to_string())
}

/// JSON pointers to the fields of all objects; only those of the name or path that is asked for.
fn pointers(answer: &Value, field: Option<&str>) -> Vec<String> {
    let mut all = Vec::new();
    collect(answer, "", &mut all);
    if let Some(field) = field {
        let path = format!("/{}", field.replace('.', "/"));
        all.retain(|pointer| *pointer == path || pointer.rsplit('/').next() == Some(field));
    }
    all
}

fn collect(value: &Value, at: &str, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let pointer = format!("{at}/{name}");
                collect(value, &pointer, into);
                into.push(pointer);
            }
        }
        Value::Array(items) => {
            for (n, value) in items.iter().enumerate() {
                collect(value, &format!("{at}/{n}"), into);
            }
        }
        _ => {}
    }
}

/// One of the fields that fit: the one that is named, or chance's.
fn chosen(hit: &Hit, answer: &Value, fits: impl Fn(&Value) -> bool) -> Option<String> {
    let mut all = pointers(answer, hit.fault.kind.field());
    all.retain(|pointer| answer.pointer(pointer).is_some_and(&fits));
    let count = u64::try_from(all.len()).ok().filter(|count| *count > 0)?;
    all.into_iter().nth(usize::try_from(hit.choice % count).ok()?)
}

fn parent<'a>(root: &'a mut Value, pointer: &str) -> Option<(&'a mut serde_json::Map<String, Value>, String)> {
    let (parent, name) = pointer.rsplit_once('/')?;
    Some((root.pointer_mut(parent)?.as_object_mut()?, name.to_owned()))
}

fn add(value: &mut Value, name: &str) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(|value| add(value, name));
            // A field that is there already is none that nobody knows.
            fields.entry(name).or_insert_with(|| json!({ "since": 1, "note": "新字段", "list": [null] }));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| add(value, name)),
        _ => {}
    }
}

fn repeated(hit: &Hit, mut changed: Value) -> Option<String> {
    let pointer = chosen(hit, &changed, |_| true)?;
    let (parent, name) = parent(&mut changed, &pointer)?;
    let another = scalars::another(parent.get(&name)?);
    parent.insert(AGAIN.to_owned(), another);
    Some(changed.to_string().replacen(&json!(AGAIN).to_string(), &json!(name).to_string(), 1))
}

fn nested(hit: &Hit, mut changed: Value, depth: usize) -> Option<String> {
    if hit.fault.kind.field().is_some() {
        let pointer = chosen(hit, &changed, |_| true)?;
        *changed.pointer_mut(&pointer)? = json!(NESTED);
    } else {
        changed.as_object_mut()?.insert("sandbox_nested".to_owned(), json!(NESTED));
    }
    let nest = "[".repeat(depth) + &"]".repeat(depth);
    Some(changed.to_string().replacen(&json!(NESTED).to_string(), &nest, 1))
}
