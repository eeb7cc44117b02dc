//! Faults in the body: its encoding, and its content.

use serde_json::{Value, json};

use super::fault::{Ends, Fault};
use super::operations::Operation;

/// Levels of a body that is nested too deep.
const LEVELS: usize = 100_000;
/// Bytes of a body below the cap.
const LARGE: usize = 1_000_000;

pub(super) fn faults(operation: &Operation) -> Vec<Fault> {
    let mut faults = written(operation);
    faults.extend(typed(operation));
    faults.extend(duplicate(operation));
    faults.extend(large(operation));
    faults
}

fn written(operation: &Operation) -> Vec<Fault> {
    let answer = operation.answer().to_string();
    let utf16: Vec<u8> = answer.encode_utf16().flat_map(u16::to_be_bytes).collect();
    // Beside characters of UTF-8 it would be broken text.
    let ascii: String = answer.chars().filter(char::is_ascii).collect();
    let gbk = [b"{\"x\":\"\xd6\xd0\xce\xc4\",".as_slice(), &ascii.as_bytes()[1..]].concat();
    let mut faults = vec![
        Fault::body("bom", Ends::Answered, format!("\u{feff}{answer}")),
        Fault::body("gbk", Ends::NoAnswer, gbk),
        Fault::body("utf-16", Ends::NoAnswer, utf16),
        Fault::body("two documents", Ends::NoAnswer, format!("{answer}{answer}")),
        Fault::body("an answer in a string", Ends::NoAnswer, json!(answer).to_string()),
        Fault::body("an answer in an array", Ends::NoAnswer, format!("[{answer}]")),
        Fault::body("another object", Ends::NoAnswer, r#"{"hello":"world"}"#),
    ];
    let broken: [(&str, &[u8]); 4] = [
        ("half of a surrogate pair", br"\ud83d"),
        ("a control character", b"\x01"),
        ("a line feed", b"\n"),
        ("a character that was cut", b"\xe6\xa2"),
    ];
    for (name, text) in broken {
        let bodies = [
            ("where nothing reads it", Ends::Answered, operation.answer_with("x", json!("here"))),
            ("where it decides", Ends::NoAnswer, operation.answer_with(operation.decides, json!("here"))),
            ("in a refusal", Ends::Refused, operation.refusal("here")),
        ];
        for (place, ends, body) in bodies {
            let (before, after) = body.split_once("here").unwrap();
            let body = [before.as_bytes(), text, after.as_bytes()].concat();
            faults.push(Fault::body(format!("broken-text: {name} {place}"), ends, body));
        }
    }
    faults
}

fn typed(operation: &Operation) -> Vec<Fault> {
    let decides = operation.decides;
    let yes = operation.answer()[decides].as_i64().unwrap();
    let mut faults = vec![
        Fault::body("extra-field", Ends::Answered, operation.answer_with("extra", json!({"a": [1, null]}))),
        Fault::body("number-as-string", Ends::Answered, operation.answer_with(decides, json!(yes.to_string()))),
        Fault::body("missing-field: what decides", Ends::NoAnswer, operation.answer_without(decides)),
    ];
    for odd in [json!([]), json!("yes"), Value::Null] {
        let name = format!("wrong-type: what decides is {odd}");
        faults.push(Fault::body(name, Ends::NoAnswer, operation.answer_with(decides, odd)));
    }
    let Some(needs) = operation.needs.as_deref() else { return faults };
    faults.push(Fault::body("missing-field: what is needed", Ends::NoAnswer, operation.answer_without(needs)));
    let is_list = operation.answer()[needs].is_array();
    let odd = if is_list { json!({"a": 1}) } else { json!([[7]]) };
    // PHP's empty list may be null.
    let of_null = if is_list { Ends::Answered } else { Ends::NoAnswer };
    for (odd, ends) in [(odd, Ends::NoAnswer), (json!(false), Ends::NoAnswer), (Value::Null, of_null)] {
        let name = format!("wrong-type: what is needed is {odd}");
        faults.push(Fault::body(name, ends, operation.answer_with(needs, odd)));
    }
    let text = match operation.name {
        "bound_user" => "/result/nickname",
        "mobile_by_ticket" => "/data/mobile",
        "qrcode" => "/data/appname",
        "scenes" | "cities" => "/data/0/name",
        _ => &format!("/{needs}"),
    };
    let mut answer = operation.answer();
    *answer.pointer_mut(text).unwrap() = json!(17_717_463_317_u64);
    // No number is an address.
    let ends = if operation.name == "authorize_url" { Ends::NoAnswer } else { Ends::Answered };
    faults.push(Fault::body("string-as-number", ends, answer.to_string()));
    faults
}

fn duplicate(operation: &Operation) -> Vec<Fault> {
    let decides = operation.decides;
    let mut faults = vec![
        Fault::body("duplicate-key: no and yes", Ends::NoAnswer, operation.answer_after(&format!("\"{decides}\":7"))),
        Fault::body("duplicate-key: escaped", Ends::NoAnswer, {
            operation.answer_after(&format!("\"\\u{:04x}{}\":7", decides.as_bytes()[0], &decides[1..]))
        }),
    ];
    if let Some(needs) = operation.needs.as_deref() {
        let again = operation.answer()[needs].clone();
        let body = operation.answer_after(&format!("\"{needs}\":{again}"));
        faults.push(Fault::body("duplicate-key: what is needed", Ends::NoAnswer, body));
    }
    faults
}

fn large(operation: &Operation) -> Vec<Fault> {
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(LEVELS), close.repeat(LEVELS));
    let (arrays, objects) = (nested("[", "]"), format!("{}1{}", "{\"a\":".repeat(LEVELS), "}".repeat(LEVELS)));
    let list = |element: &str| format!("[{}{element}]", format!("{element},").repeat(LARGE / (element.len() + 1)));
    // The field that every answer but some has: what it holds is read or passed over.
    let needs = operation.needs.as_deref().unwrap_or("data");
    let ends = if operation.needs.is_some() { Ends::NoAnswer } else { Ends::Answered };
    let in_needs = |value: &str| {
        let rest = operation.answer_without(needs);
        format!("{{\"{needs}\":{value},{}", &rest[1..])
    };
    let refusal = operation.refusal("");
    let names: String = (0..LARGE / 12).map(|number| format!("\"x{number:06}\":0,")).collect::<Vec<_>>().concat();
    let faults = vec![
        Fault::body("deep-nesting: the body, arrays", Ends::NoAnswer, &arrays),
        Fault::body("deep-nesting: the body, objects", Ends::NoAnswer, &objects),
        Fault::body("deep-nesting: the body, without an end", Ends::NoAnswer, "[".repeat(LARGE)),
        Fault::body("deep-nesting: inside what is needed", ends, in_needs(&arrays)),
        Fault::body("deep-nesting: inside an unknown field", Ends::Answered, {
            operation.answer_after(&format!("\"x\":{objects}"))
        }),
        Fault::body("large: a list of empty objects", ends, in_needs(&list("{}"))),
        Fault::body("large: a list of empty lists", ends, in_needs(&list("[]"))),
        Fault::body("large: a list of numbers", ends, in_needs(&list("1"))),
        Fault::body("large: unknown fields", Ends::Answered, operation.answer_after(&names[..names.len() - 1])),
        Fault::body("large: white space", Ends::Answered, format!("{}{}", " ".repeat(LARGE), operation.answer())),
        Fault::body("large: the words of a refusal", Ends::Refused, operation.refusal(&"no ".repeat(LARGE / 3))),
        Fault::body("large: escapes in a refusal", Ends::Refused, operation.refusal(&"\u{1b}[2J".repeat(LARGE / 9))),
        Fault::body("large: beside a refusal", Ends::Refused, format!("{{\"x\":{},{}", list("{}"), &refusal[1..])),
    ];
    faults.into_iter().map(Fault::large).collect()
}
