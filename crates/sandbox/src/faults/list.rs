//! Faults in JSON: the list that `POST /_sandbox/faults` takes, bare or with a seed, and each fault of it.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value, json, value::RawValue};

use super::fault::{ANY, Fault, FaultKind};
use crate::error::ControlError;

const TAKES: &str = r#"a list of faults, such as [{"kind": "reset", "operation": "order_report", "times": 1}], or {"seed": 7, "faults": [...]}"#;

/// The fields that all faults share, then the settings of the kinds.
#[rustfmt::skip]
const FIELDS: [&str; 17] = [
    "kind", "operation", "times", "share", "before",
    "delay_ms", "status", "retry_after_s", "keep_body", "keep", "announced", "pause_ms", "inflated_mib", "location",
    "field", "depth", "over_ms",
];

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
    let faults = faults.into_iter().zip(1..).map(entry).collect::<Result<_, _>>()?;
    Ok((seed, faults))
}

fn entry((text, entry): (&RawValue, usize)) -> Result<Fault, ControlError> {
    let refuse = |reason: &str| ControlError::Fault { entry, reason: reason.to_owned() };
    if !text.get().starts_with('{') {
        return Err(refuse(r#"this is not an object: write it as {"kind": ...}"#));
    }
    serde_json::from_str(text.get()).map_err(|error| {
        // The place is one within the entry, and would be taken for one in the body.
        let (words, place) = (error.to_string(), format!(" at line {} column {}", error.line(), error.column()));
        refuse(words.strip_suffix(&place).unwrap_or(&words))
    })
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fault(deserializer.deserialize_map(Fields)?).map_err(D::Error::custom)
    }
}

/// Reads an object whose names are all different.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::new();
        while let Some((name, value)) = entries.next_entry::<String, Value>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            fields.insert(name, value);
        }
        Ok(fields)
    }
}

fn fault(mut fields: Map<String, Value>) -> Result<Fault, String> {
    if let Some(name) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        let known = FIELDS.map(|name| format!("`{name}`")).join(", ");
        return Err(format!("unknown field `{name}`, expected one of {known}"));
    }
    Ok(Fault {
        operation: take(&mut fields, "operation")?.unwrap_or_else(|| ANY.to_owned()),
        times: take(&mut fields, "times")?.flatten(),
        share: take(&mut fields, "share")?.flatten(),
        before: take(&mut fields, "before")?.unwrap_or_default(),
        kind: kind(fields)?,
    })
}

fn take<T: DeserializeOwned>(fields: &mut Map<String, Value>, name: &str) -> Result<Option<T>, String> {
    let value = fields.remove(name).map(serde_json::from_value).transpose();
    value.map_err(|error| format!("{name}: {error}"))
}

/// The kind, and its own settings: no other kind's.
fn kind(fields: Map<String, Value>) -> Result<FaultKind, String> {
    let name = match fields.get("kind") {
        Some(Value::String(name)) => name.clone(),
        Some(_) => return Err(r#"kind is not a string: give its name, such as "reset""#.to_owned()),
        None => return Err("missing field `kind`".to_owned()),
    };
    let of_kind = |fields: Value| serde_json::from_value::<FaultKind>(fields).map_err(|error| error.to_string());
    // Where none is given, all settings that the kind has stand there as null.
    let has = json!(of_kind(json!({ "kind": name }))?);
    let is_given = |field: &str| fields.get(field).is_some_and(|value| !value.is_null());
    if let Some(stray) = FIELDS.iter().find(|field| is_given(field) && has.get(field).is_none()) {
        let own: Vec<_> = FIELDS[1..].iter().filter(|field| has.get(field).is_some()).copied().collect();
        let own = if own.is_empty() { "none of its own".to_owned() } else { own.join(", ") };
        return Err(format!("{name} has no setting {stray}: it takes {own}"));
    }
    for (setting, value) in &fields {
        of_kind(json!({ "kind": name, setting: value })).map_err(|error| format!("{setting}: {error}"))?;
    }
    of_kind(Value::Object(fields))
}

impl Serialize for Fault {
    /// Shows what was given, and no setting that wasn't.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { kind, operation, times, share, before } = self;
        let mut shown = json!({ "operation": operation, "times": times, "share": share, "before": before });
        if let (Value::Object(shown), Value::Object(kind)) = (&mut shown, json!(kind)) {
            shown.extend(kind);
            shown.retain(|_, value| !value.is_null());
        }
        shown.serialize(serializer)
    }
}
