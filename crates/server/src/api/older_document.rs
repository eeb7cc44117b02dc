//! The OpenAPI document for generators that don't speak 3.1.

use serde_json::{Value, json};

use super::openapi;

/// The API as an OpenAPI 3.0.3 document, derived from [`openapi`]: it says the same, in older words.
pub fn openapi_3_0() -> Value {
    let mut document = openapi();
    document["openapi"] = json!("3.0.3");
    if let Some(license) = document["info"]["license"].as_object_mut() {
        license.remove("identifier");
    }
    rewrite(&mut document);
    document
}

/// A type that may be null is `nullable` in 3.0, a schema beside a null is the schema alone, and a `$ref` has no
/// neighbours.
fn rewrite(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(rewrite),
        Value::Object(object) => {
            object.values_mut().for_each(rewrite);
            if let Some(types) = object.get("type").and_then(Value::as_array).cloned() {
                let [Value::String(only)] =
                    &types.iter().filter(|name| **name != "null").cloned().collect::<Vec<_>>()[..]
                else {
                    return;
                };
                object.insert("type".to_owned(), json!(only));
                object.insert("nullable".to_owned(), json!(true));
            }
            if let Some(Value::Array(choices)) = object.get("oneOf")
                && choices.iter().any(is_null)
            {
                let others: Vec<_> = choices.iter().filter(|choice| !is_null(choice)).cloned().collect();
                object.remove("oneOf");
                object.insert("allOf".to_owned(), json!(others));
                object.insert("nullable".to_owned(), json!(true));
            }
        }
        _ => {}
    }
}

fn is_null(schema: &Value) -> bool {
    schema["type"] == "null"
}
