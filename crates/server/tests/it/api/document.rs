//! The OpenAPI document: there without a key, whole, and true of what is answered.

use std::collections::BTreeSet;

use serde_json::Value;
use weifen_sandbox::test_data;
use weifen_server::weifen::inbox::{Rules, Unsolicited};

use super::client::Request;
use super::service::Service;
use crate::setup::push;

#[tokio::test(flavor = "multi_thread")]
async fn it_and_the_health_need_no_key() {
    let service = Service::start("").await;
    let document = Request::get("/v1/openapi.json").send(service.address()).await.ok();
    assert_eq!(document, weifen_server::openapi());
    assert_eq!(Request::get("/healthz").send(service.address()).await.ok()["ok"], true);
    service.stop().await;
}

#[test]
fn every_reference_leads_somewhere() {
    for document in [weifen_server::openapi(), weifen_server::openapi_3_0()] {
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 20, "{found:?}");
        for reference in found {
            assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
        }
    }
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_older_one_has_no_newer_words() {
    let text = weifen_server::openapi_3_0().to_string();
    for word in [r#""type":["#, r#""null""#, "identifier", "3.1."] {
        assert!(!text.contains(word), "{word}");
    }
    assert!(text.contains(r#""nullable":true"#));
}

#[test]
fn each_operation_names_its_scope_and_its_problems() {
    let document = weifen_server::openapi();
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{path}: its name is another's");
            if operation.get("security").is_some() {
                continue;
            }
            let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
            for status in ["200", "400", "401", "403", "429", "500"] {
                assert!(statuses.contains(&status), "{method} {path}: {status}");
            }
            assert_eq!(statuses.contains(&"413"), method == "post", "{method} {path}");
            assert!(operation["description"].as_str().unwrap().contains("scope"), "{method} {path}");
        }
    }
}

/// An address has no null: a client that sent one would send an empty text, or the word.
#[test]
fn no_parameter_may_be_null() {
    for (path, operation) in operations(&weifen_server::openapi()) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["schema"]["type"].is_string(), "{path}: {parameter}");
        }
    }
}

#[test]
fn each_answer_that_is_given_again_may_say_so() {
    let document = weifen_server::openapi();
    let has_key = |operation: &Value| operation["parameters"].to_string().contains("Idempotency-Key");
    let keyed: Vec<_> = operations(&document).filter(|(_, operation)| has_key(operation)).collect();
    assert_eq!(keyed.len(), 7);
    for (path, operation) in keyed {
        for status in ["200", "422", "500", "504"] {
            let mut answer = &operation["responses"][status];
            if let Some(reference) = answer["$ref"].as_str() {
                answer = document.pointer(&reference[1..]).unwrap();
            }
            assert!(answer["headers"].get("Idempotency-Replayed").is_some(), "{path}: {status}");
        }
    }
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().values().map(move |operation| (&**path, operation)))
}

/// What an answer holds stands in its schema, and what the schema demands is there.
#[tokio::test(flavor = "multi_thread")]
async fn answers_are_as_it_says() {
    let service = Service::start("").await;
    let document = weifen_server::openapi();
    let intake = service.running.inbox().receiving(Rules::new("fs-appid").unsolicited(Unsolicited::Pay));
    for body in [push("u"), "<html>".to_owned()] {
        intake.receive(body).await.unwrap();
    }
    for (path, template) in [
        (format!("/v1/weiting/users/{}", test_data::OPENID), "/v1/weiting/users/{openid}"),
        (format!("/v1/weiting/users/{}", test_data::OPENID_UNBOUND), "/v1/weiting/users/{openid}"),
        ("/v1/weiting/token".to_owned(), "/v1/weiting/token"),
        ("/v1/fensi/scenes".to_owned(), "/v1/fensi/scenes"),
        ("/v1/fensi/cities".to_owned(), "/v1/fensi/cities"),
        ("/v1/events".to_owned(), "/v1/events"),
        ("/v1/events/1".to_owned(), "/v1/events/{id}"),
        ("/v1/quarantine".to_owned(), "/v1/quarantine"),
    ] {
        let answer = service.send(Request::get(&path)).await.ok();
        let schema = &document["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        conforms(&document, schema, &answer, &path);
    }
    let problem = service.send(Request::post("/v1/weiting/mobile", "{}")).await.json();
    conforms(&document, &document["components"]["schemas"]["Problem"], &problem, "problem");
    service.stop().await;
}

#[track_caller]
fn conforms(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        return conforms(document, document.pointer(&reference[1..]).unwrap(), value, place);
    }
    // A part that may be null.
    if let Some(choices) = schema["oneOf"].as_array() {
        let choice = choices.iter().find(|choice| (choice["type"] == "null") == value.is_null());
        return conforms(document, choice.unwrap(), value, place);
    }
    let types: Vec<_> = match &schema["type"] {
        Value::Array(types) => types.iter().collect(),
        only => vec![only],
    };
    let is = |name: &str| types.contains(&&Value::from(name));
    match value {
        Value::Null => assert!(is("null"), "{place} is null"),
        Value::String(_) => assert!(is("string"), "{place}: {value}"),
        Value::Bool(_) => assert!(is("boolean"), "{place}: {value}"),
        Value::Number(_) => assert!(is("integer"), "{place}: {value}"),
        Value::Array(items) => {
            assert!(is("array"), "{place}: {value}");
            for item in items {
                conforms(document, &schema["items"], item, place);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let field =
                    schema["properties"].get(name).unwrap_or_else(|| panic!("{place}: {name} is not described"));
                conforms(document, field, value, &format!("{place}.{name}"));
            }
            for name in schema["required"].as_array().into_iter().flatten() {
                assert!(fields.contains_key(name.as_str().unwrap()), "{place}: {name} is missing");
            }
        }
    }
}
