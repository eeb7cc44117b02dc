//! Drift of answers: every field of every operation, once missing and once with another type.

use serde_json::{Value, json};
use weifen_proto::fensi::{Push, QrcodeRequest, ScenesRequest};
use weifen_proto::weiting::OpenidByCodeRequest;
use weifen_proto::{DriftKind, Endpoint, Entry, Field, JsonType, NoAnswer, Shape};

use crate::fixtures::{folder_of, operations, read};

/// Returns the documented answer; 微厅's `openid` is empty in it.
pub(crate) fn answer(Entry { operation, .. }: &Entry) -> Value {
    let mut answer: Value = serde_json::from_slice(&read(&format!("{}/answer.json", folder_of(operation)))).unwrap();
    if operation.name == "openid_by_code" {
        answer["openid"] = json!("oKXUCj1Fp4fNnb99liSkslcM_D-X");
    }
    answer
}

fn drifts(shape: Shape, body: &Value) -> Vec<String> {
    shape.drifts(body.to_string().as_bytes()).iter().map(ToString::to_string).collect()
}

/// Returns every field of a shape, with its pointer in a document and its path in a drift.
pub(crate) fn fields(shape: Shape, pointer: &str, path: &str) -> Vec<(String, String, Field)> {
    let mut all = Vec::new();
    match shape {
        Shape::Object(known) => {
            for field in known {
                let pointer = format!("{pointer}/{}", field.name());
                let path = if path.is_empty() { field.name().to_owned() } else { format!("{path}.{}", field.name()) };
                all.push((pointer.clone(), path.clone(), *field));
                all.extend(fields(field.shape(), &pointer, &path));
            }
        }
        Shape::Array(element) => all.extend(fields(*element, &format!("{pointer}/0"), &format!("{path}[]"))),
        _ => {}
    }
    all
}

fn without(document: &Value, pointer: &str) -> Value {
    let mut document = document.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
    document
}

#[test]
fn documented_answers_are_as_documented() {
    for entry in operations() {
        assert_eq!(drifts(entry.shape, &answer(entry)), [""; 0], "{}", entry.operation);
    }
    for name in ["push.json", "push-state.json"] {
        assert_eq!(Push::drifts(&read(&format!("fensi/push/{name}"))), [], "{name}");
    }
    for name in ["push-without-openid.json", "push.form"] {
        assert_eq!(Push::drifts(&read(&format!("fensi/push/{name}"))), [], "{name}");
    }
    for name in ["answer-no-match", "answer-verification-code"] {
        assert_eq!(QrcodeRequest::DOCUMENTED.drifts(&read(&format!("fensi/qrcode/{name}.json"))), [], "{name}");
    }
}

#[test]
fn a_missing_field_is_told_or_an_error_that_names_it() {
    for entry in operations() {
        let documented = answer(entry);
        for (pointer, path, field) in fields(entry.shape, "", "") {
            if documented.pointer(&pointer).is_none() {
                assert!(field.may_be_absent(), "{path}");
                continue;
            }
            let body = without(&documented, &pointer);
            let outcome = (entry.read)(body.to_string().as_bytes());
            match outcome {
                Ok(_) if field.may_be_absent() => assert_eq!(drifts(entry.shape, &body), [""; 0], "{path}"),
                Ok(_) => {
                    let told = format!("at {path}: a documented field is missing");
                    assert_eq!(drifts(entry.shape, &body), [told], "{}", entry.operation);
                }
                Err(error) => {
                    let told = error.to_string();
                    assert!(told.contains(&format!("missing field `{}`", field.name())), "{path}: {told}");
                }
            }
        }
    }
}

#[test]
fn a_value_of_another_type_is_told_or_an_error_that_names_its_place() {
    for entry in operations() {
        let documented = answer(entry);
        for (pointer, path, field) in fields(entry.shape, "", "") {
            if documented.pointer(&pointer).is_none() || matches!(field.shape(), Shape::Any) {
                continue;
            }
            for odd in [json!([1]), json!({"a": 1}), json!(true), json!(1.5), json!("x"), json!(7)] {
                let fits = match field.shape() {
                    Shape::Text => odd.is_string(),
                    Shape::Integer => odd.is_i64(),
                    Shape::TextOrInteger => odd.is_string() || odd.is_i64(),
                    Shape::Object(_) => odd.is_object(),
                    Shape::Array(_) => odd.is_array(),
                    // Not a time.
                    _ => false,
                };
                if fits {
                    continue;
                }
                let mut body = documented.clone();
                *body.pointer_mut(&pointer).unwrap() = odd.clone();
                match (entry.read)(body.to_string().as_bytes()) {
                    Ok(_) => {
                        let told = drifts(entry.shape, &body);
                        assert!(told.iter().any(|told| told.starts_with(&format!("at {path}: "))), "{path} {told:?}");
                    }
                    // Another code means a refusal.
                    Err(NoAnswer::Refused(_)) => assert!(pointer.matches('/').count() == 1, "{path}"),
                    Err(NoAnswer::Undecodable(error)) => {
                        let place = path.replace("[]", "[0]");
                        assert!(error.to_string().starts_with(&format!("at {place}: ")), "{path}, {odd}: {error}");
                    }
                }
            }
        }
    }
}

#[test]
fn numbers_as_strings_are_told_and_read() {
    let body = read("fensi/qrcode/answer-numbers-as-strings.json");
    let told: Vec<_> = QrcodeRequest::DOCUMENTED.drifts(&body).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "at data.city_code: a string of another type than documented",
            "at data.bidding: a string of another type than documented",
        ]
    );
}

#[test]
fn an_unknown_field_is_told_by_its_name_and_type_alone() {
    for (value, seen) in [
        (json!(null), JsonType::Null),
        (json!(true), JsonType::Boolean),
        (json!(13_800_138_000_i64), JsonType::Integer),
        (json!(1.5), JsonType::Float),
        (json!("secret"), JsonType::String),
        (json!(["secret"]), JsonType::Array),
        (json!({"secret": "secret"}), JsonType::Object),
    ] {
        let body = json!({"status": 200, "openid": "o", "unionid": value});
        let drifts = OpenidByCodeRequest::DOCUMENTED.drifts(body.to_string().as_bytes());
        assert_eq!(drifts.len(), 1);
        assert_eq!((drifts[0].path.as_str(), drifts[0].kind), ("unionid", DriftKind::UnknownField { seen }));
    }
}

#[test]
fn a_name_that_may_be_a_value_is_not_told() {
    for name in ["13800138000", "o 1", "\u{1b}[31m", "n13800138000", "", "名", &"a".repeat(41)] {
        let mut body = json!({"status": 200, "openid": "o"});
        body[name] = json!(1);
        assert_eq!(
            drifts(OpenidByCodeRequest::DOCUMENTED, &body),
            ["at ?: an unknown field with an integer"],
            "{name}"
        );
    }
}

#[test]
fn a_flood_of_differences_is_told_in_part() {
    let mut body = json!({"status": 200, "openid": "o"});
    for number in 0..1000 {
        body[format!("f{number}")] = json!(1);
    }
    assert_eq!(drifts(OpenidByCodeRequest::DOCUMENTED, &body).len(), 32);
    let list = json!({"code": 20000, "message": "ok", "data": vec![json!({"id": "1", "name": "x"}); 1000]});
    assert_eq!(drifts(ScenesRequest::DOCUMENTED, &list), ["at data[].id: a string of another type than documented"]);
}

#[test]
fn what_is_no_json_or_no_object_has_no_fields_to_tell_of() {
    assert_eq!(
        drifts(OpenidByCodeRequest::DOCUMENTED, &json!([1])),
        ["at .: an array of another type than documented"]
    );
    for body in ["", "<html>", "{\"status\": 200, \"openid\": \"o\"", "\u{feff}"] {
        _ = OpenidByCodeRequest::DOCUMENTED.drifts(body.as_bytes());
    }
}

#[test]
fn a_push_tells_of_new_fields_in_both_its_forms() {
    let json = String::from_utf8(read("fensi/push/push.json")).unwrap().replacen('{', "{\"unionid\": \"u\",", 1);
    let form = format!("{}&unionid=u", String::from_utf8(read("fensi/push/push.form")).unwrap().trim());
    for body in [json, form] {
        let drifts = Push::drifts(body.as_bytes());
        assert_eq!(drifts.len(), 1, "{body}");
        assert_eq!(drifts[0].path, "unionid");
        assert!(Push::parse(body.as_bytes()).is_ok());
    }
}
