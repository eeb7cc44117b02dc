//! The schema of a type, as utoipa derives it: one source for the OpenAPI document and for the check of requests.

use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The schema of an object.
#[derive(Debug, Clone)]
pub(super) struct Schema(Map<String, Value>);

impl Schema {
    pub(super) fn of<T: ToSchema>() -> Self {
        match serde_json::to_value(T::schema()) {
            Ok(Value::Object(schema)) => Self(schema),
            _ => unreachable!("a schema is a JSON object"),
        }
    }

    /// The schema of the objects in a list, where it holds such.
    pub(super) fn of_items(list: &Value) -> Option<Self> {
        list.get("items")?.as_object().cloned().map(Self)
    }

    /// As the OpenAPI document shows it.
    pub(super) fn as_json(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// Divides it in two: the fields that are parameters, by their names, and the others, to which alone its bounds
    /// apply.
    pub(super) fn divided(&self, is_parameter: impl Fn(&str) -> bool) -> (Self, Self) {
        let part = |wanted: bool| {
            let mut part = self.0.clone();
            if let Some(Value::Object(fields)) = part.get_mut("properties") {
                fields.retain(|name, _| is_parameter(name) == wanted);
            }
            if let Some(Value::Array(names)) = part.get_mut("required") {
                names.retain(|name| name.as_str().is_some_and(&is_parameter) == wanted);
            }
            Self(part)
        };
        let mut parameters = part(true);
        parameters.0.retain(|name, _| name != "minProperties" && name != "maxProperties");
        (parameters, part(false))
    }

    /// Each field that there is, with its schema.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        let fields = self.0.get("properties").and_then(Value::as_object);
        fields.into_iter().flatten().map(|(name, schema)| (name.as_str(), schema))
    }

    pub(super) fn field(&self, name: &str) -> Option<&Value> {
        self.0.get("properties")?.get(name)
    }

    pub(super) fn needs(&self, name: &str) -> bool {
        self.required().any(|needed| needed == name)
    }

    /// The fields that must be there.
    pub(super) fn required(&self) -> impl Iterator<Item = &str> {
        self.0.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// Number of fields that must be there at least, and may be there at most.
    pub(super) fn bounds(&self) -> (Option<u64>, Option<u64>) {
        let bound = |name: &str| self.0.get(name).and_then(Value::as_u64);
        (bound("minProperties"), bound("maxProperties"))
    }

    /// The value that a parameter's text stands for; the text itself where it can't be of the field's type.
    pub(super) fn of_text(&self, name: &str, text: String) -> Value {
        let is_integer = self.field(name).is_some_and(|field| types(field).contains(&"integer"));
        match serde_json::from_str(&text) {
            Ok(number @ Value::Number(_)) if is_integer && !text.contains(char::is_whitespace) => number,
            _ => Value::String(text),
        }
    }
}

/// The types that a schema allows, but for null.
pub(super) fn types(schema: &Value) -> Vec<&str> {
    let types = match schema.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(only)) => vec![only.as_str()],
        _ => Vec::new(),
    };
    types.into_iter().filter(|name| *name != "null").collect()
}
