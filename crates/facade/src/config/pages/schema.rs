//! A JSON Schema of the file, for editors.

use serde_json::{Map, Value, json};

use crate::config::key::{Key, Kind, Preset, Section};
use crate::config::keys::{self, SECTIONS};

/// A JSON Schema (2020-12) of `weifen.toml`, for editors: it knows every key, its type and its range.
pub fn schema() -> Value {
    let sections = SECTIONS.iter().filter(|section| !section.repeats).map(|section| {
        let mut properties = properties(section);
        let is_within = |inner: &&Section| inner.repeats && inner.name.starts_with(&format!("{}.", section.name));
        properties.extend(SECTIONS.iter().filter(is_within).map(|inner| {
            let items = table(inner.doc, &self::properties(inner));
            let name = inner.name.rsplit('.').next().unwrap_or_default();
            (name.to_owned(), json!({ "type": "array", "items": items }))
        }));
        (section.name.to_owned(), table(section.doc, &properties))
    });
    let mut document = table("weifen's configuration", &sections.collect());
    document["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    document["title"] = json!("weifen.toml");
    document
}

fn table(description: &str, properties: &Map<String, Value>) -> Value {
    json!({ "type": "object", "description": description, "properties": properties, "additionalProperties": false })
}

fn properties(section: &Section) -> Map<String, Value> {
    keys::of_section(section.name).map(|key| (key.short().to_owned(), property(key))).collect()
}

fn property(key: &Key) -> Value {
    let mut property = match &key.kind {
        Kind::Word(words) => json!({ "type": "string", "enum": words.iter().chain(&[""]).collect::<Vec<_>>() }),
        Kind::Integer { least, most, .. } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Number(numbers) => json!({ "type": "integer", "enum": numbers }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Words(words) => json!({ "type": "array", "items": { "type": "string", "enum": words } }),
        Kind::Texts | Kind::Networks => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Text
        | Kind::Path
        | Kind::Secret
        | Kind::SecretFile
        | Kind::BaseUrl
        | Kind::Url
        | Kind::UrlPath
        | Kind::Address
        | Kind::TokenStore
        | Kind::Database => json!({ "type": "string" }),
    };
    let words = key.without().map_or_else(String::new, |words| format!(" By default: {words}."));
    property["description"] = json!(format!("{}{words}", key.doc));
    match key.default {
        Preset::Text(text) => property["default"] = json!(text),
        Preset::Integer(number) => property["default"] = json!(number),
        Preset::Boolean(truth) => property["default"] = json!(truth),
        Preset::None(..) | Preset::Empty(..) => {}
    }
    property
}
