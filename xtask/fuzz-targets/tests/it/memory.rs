//! Memory that hostile answers and pushes of a mebibyte take while they are read.

use serde_json::{Value, json};
use weifen_proto::Entry;
use weifen_proto::fensi::Push;
use xtask_specimens::{SPECIMENS, Specimen};

const MEBIBYTE: usize = 1 << 20;
/// Number of bytes that may be allocated at once, beside the body.
const MOST: u64 = 8 * MEBIBYTE as u64;
/// The same for broken text: a broken byte becomes U+FFFD, which takes three.
const MOST_OF_BROKEN: u64 = 3 * MOST;

/// Placeholder for a hostile value.
const HERE: &str = "\"here\"";

type Read = Box<dyn Fn(&[u8])>;

struct Reader {
    name: &'static str,
    read: Read,
    /// Documents with the places where values may be hostile.
    documents: Vec<Value>,
}

/// More documents of an operation, beside its answers and refusals.
fn more(name: &str) -> Vec<Value> {
    match name {
        "access_token" => vec![json!({"status": 0, "errMsg": "here"})],
        "authorize_url" => vec![json!({"status": 0, "msg": "here"})],
        "openid_by_code" => vec![json!("here")],
        "bound_user" => vec![json!({"flag": 0, "result": {"openid": "o", "accounts": "here"}})],
        "prize_notice" => vec![json!({"status": 0, "result": "here"})],
        "login_report" => vec![json!({"status": 0, "data": "here"})],
        "mobile_by_ticket" => vec![
            json!({"errcode": 1, "data": "x", "msg": {"CAPRoot": {"SessionHeader": "here"}}}),
            json!({"errcode": 1, "msg": {"CAPRoot": {"SessionHeader": [{"Response": "here"}]}}}),
            json!({"errcode": 1, "data": {"mobile": "here"}}),
        ],
        "qrcode" => vec![json!({"code": 20000, "data": {"bidding": 3, "appid": "a", "qrcode_url": "here"}})],
        "scenes" => vec![json!({"code": 50000, "message": "here"})],
        _ => vec![],
    }
}

/// The reader of an operation, with a hostile value in place of each of its values, or in an unknown field.
fn reader(specimen: &'static Specimen) -> Reader {
    let Entry { read, shape, .. } = specimen.entry;
    let mut answer = (specimen.body)(&json!("here"));
    if !answer.to_string().contains(HERE) {
        answer["unknown"] = json!("here");
    }
    let mut documents = more(specimen.name());
    documents.push(answer);
    let read = move |body: &[u8]| {
        drop(read(body));
        drop(shape.drifts(body));
    };
    Reader { name: specimen.name(), read: Box::new(read), documents }
}

fn readers() -> Vec<Reader> {
    let push =
        json!({"key": "k", "develop_appid": "d", "auth_open_id": "u", "bidding": 3, "appid": "a", "state": "here"});
    let read = |body: &[u8]| {
        drop(Push::parse(body));
        drop(Push::drifts(body));
    };
    let push = Reader { name: "push", read: Box::new(read), documents: vec![push] };
    SPECIMENS.iter().map(reader).chain([push]).collect()
}

/// Returns an array of a mebibyte.
fn list(element: &str) -> String {
    format!("[{}]", vec![element; MEBIBYTE / (element.len() + 1)].join(","))
}

/// Returns a hundred thousand unknown fields.
fn unknown_fields() -> String {
    let fields: Vec<_> = (0..100_000).map(|n| format!("\"f{n}\":0")).collect();
    format!("{{{}}}", fields.join(","))
}

fn taken(read: impl Fn(&[u8]), body: &[u8]) -> u64 {
    allocation_counter::measure(|| read(body)).bytes_max
}

/// Puts the value into every document of every reader.
fn takes_little(value: impl AsRef<[u8]>) {
    takes_little_in(|_| true, MOST, value);
}

/// Puts the value into the documents of the readers of these names.
fn takes_little_in(is_tried: fn(&str) -> bool, most: u64, value: impl AsRef<[u8]>) {
    for Reader { name, read, documents } in readers().into_iter().filter(|reader| is_tried(reader.name)) {
        for document in documents.iter().map(Value::to_string) {
            let (before, after) = document.split_once(HERE).unwrap();
            let taken = taken(&read, &[before.as_bytes(), value.as_ref(), after.as_bytes()].concat());
            assert!(taken < most, "{name}: {taken} bytes for {document}");
        }
    }
}

#[test]
fn lists_of_what_is_empty_take_little() {
    for element in ["{}", "\"\"", "[]"] {
        takes_little(list(element));
    }
}

#[test]
fn lists_of_what_is_expected_take_little() {
    takes_little_in(|name| name == "scenes" || name == "cities", MOST, list(r#"{"id":1,"name":"x"}"#));
    takes_little_in(|name| name == "bound_user", MOST, list(r#"{"deviceno":"1","sort":"1"}"#));
    takes_little_in(|name| name == "mobile_by_ticket", MOST, list(r#"{"Response":[{"RspDesc":[""]}]}"#));
}

#[test]
fn texts_and_numbers_without_end_take_little() {
    takes_little(format!("\"{}\"", "\\n".repeat(MEBIBYTE / 2)));
    takes_little("9".repeat(MEBIBYTE));
}

#[test]
fn broken_text_without_end_takes_little() {
    for broken in [&b"\xff"[..], b"\x01", b"\\ud83d", b"\xff\x01\\n"] {
        takes_little_in(
            |_| true,
            MOST_OF_BROKEN,
            [b"\"", broken.repeat(MEBIBYTE / broken.len()).as_slice(), b"\\n\""].concat(),
        );
    }
    takes_little_in(
        |_| true,
        MOST_OF_BROKEN,
        format!("[{}\"\\ud83d\"]", "{\"\\ud83d\":\"\\ud83d\"},".repeat(MEBIBYTE / 20)),
    );
}

#[test]
fn lists_of_phps_take_little() {
    let fields: Vec<_> = (0..100_000).map(|n| format!("\"{n}\":{{}}")).collect();
    takes_little(format!("{{{}}}", fields.join(",")));
}

#[test]
fn nesting_and_unknown_fields_take_little() {
    takes_little(format!("{}{}", "[".repeat(MEBIBYTE / 2), "]".repeat(MEBIBYTE / 2)));
    takes_little("{\"a\":".repeat(MEBIBYTE / 5));
    takes_little(unknown_fields());
}

#[test]
fn what_is_allocated_is_seen() {
    let keeps_all = |body: &[u8]| drop(serde_json::from_slice::<Value>(body));
    assert!(taken(keeps_all, list("[]").as_bytes()) > MOST);
}
