//! A list of faults as `POST /_sandbox/faults` takes it: bare, or with a seed.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::fault::Fault;
use crate::error::ControlError;

const TAKES: &str = r#"a list of faults, such as [{"kind": "reset", "operation": "order_report", "times": 1}], or {"seed": 7, "faults": [...]}"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a list or an object")]
struct Seeded<'a> {
    #[serde(default)]
    seed: u64,
    #[serde(borrow)]
    faults: Vec<&'a RawValue>,
}

/// The seed, 0 where none is given, and the faults.
pub(crate) fn read(body: &[u8]) -> Result<(u64, Vec<Fault>), ControlError> {
    let is_bare = body.trim_ascii_start().first() == Some(&b'[');
    let list = if is_bare {
        serde_json::from_slice(body).map(|faults| Seeded { seed: 0, faults })
    } else {
        serde_json::from_slice(body)
    };
    let Seeded { seed, faults } =
        list.map_err(|error| ControlError::BadRequest(format!("this takes {TAKES}; {error}")))?;
    let faults = faults.into_iter().zip(1..).map(fault).collect::<Result<_, _>>()?;
    Ok((seed, faults))
}

/// Reads an entry. What it says twice its text alone tells: of a tree of values the latter is left.
fn fault((text, entry): (&RawValue, usize)) -> Result<Fault, ControlError> {
    let read = || -> Result<Fault, String> {
        let value: Value = serde_json::from_str(text.get()).map_err(|error| words(&error))?;
        if !value.is_object() {
            return Err(r#"this is no object: give it as {"kind": ...}"#.to_owned());
        }
        if value.get("kind").is_some_and(|kind| !kind.is_string()) {
            return Err(r#"kind is no text: give its name, such as "reset""#.to_owned());
        }
        let _: Fault = serde_path_to_error::deserialize(&value).map_err(|error| match error.path().to_string() {
            path if path == "." => words(error.inner()),
            path => format!("{path}: {}", words(error.inner())),
        })?;
        serde_json::from_str(text.get()).map_err(|error| words(&error))
    };
    read().map_err(|reason| ControlError::Fault { entry, reason })
}

/// Without the place, which is one within the entry, and would be taken for one in the body.
fn words(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    words.strip_suffix(&place).unwrap_or(&words).to_owned()
}
