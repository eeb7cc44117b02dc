//! A list of faults as `POST /_sandbox/faults` takes it: bare, or with a seed.

use serde::Deserialize;
use serde_json::Value;

use super::fault::Fault;
use crate::ControlError;

const TAKES: &str = r#"a list of faults, such as [{"kind": "reset", "operation": "order_report", "times": 1}], or {"seed": 7, "faults": [...]}"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seeded {
    #[serde(default)]
    seed: u64,
    faults: Vec<Value>,
}

/// The seed, 0 where none is given, and the faults.
pub(crate) fn read(body: &[u8]) -> Result<(u64, Vec<Fault>), ControlError> {
    let refuse = |error: serde_json::Error| ControlError::BadRequest(format!("this takes {TAKES}; {error}"));
    let Seeded { seed, faults } = match serde_json::from_slice(body).map_err(refuse)? {
        Value::Array(faults) => Seeded { seed: 0, faults },
        // Only the object's own error says what is wrong in it.
        object => serde_json::from_value(object).map_err(refuse)?,
    };
    let read = |(fault, entry): (Value, usize)| {
        serde_json::from_value(fault).map_err(|error| ControlError::Fault { entry, reason: error.to_string() })
    };
    let faults = faults.into_iter().zip(1..).map(read).collect::<Result<_, _>>()?;
    Ok((seed, faults))
}
