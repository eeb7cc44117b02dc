//! A list of faults as `POST /_sandbox/faults` takes it: bare, or with a seed.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::fault::Fault;
use crate::ControlError;

const TAKES: &str = r#"a list of faults, such as [{"kind": "reset", "operation": "order_report", "times": 1}], or {"seed": 7, "faults": [...]}"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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

/// Reads an entry from its own text: a tree of values would have lost what it says twice.
fn fault((text, entry): (&RawValue, usize)) -> Result<Fault, ControlError> {
    if !text.get().starts_with('{') {
        let reason = r#"this is no object: give it as {"kind": ...}"#.to_owned();
        return Err(ControlError::Fault { entry, reason });
    }
    serde_json::from_str(text.get()).map_err(|error| {
        let reason = error.to_string();
        // Where it is within the entry would be taken for a place in the body.
        let place = format!(" at line {} column {}", error.line(), error.column());
        ControlError::Fault { entry, reason: reason.strip_suffix(&place).unwrap_or(&reason).to_owned() }
    })
}
