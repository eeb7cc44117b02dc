//! What hostile answers and pushes of a mebibyte take in memory while they are read.

use serde_json::{Value, json};
use weifen_proto::Endpoint;
use weifen_proto::fensi::{CitiesRequest, Push, QrcodeRequest, ScenesRequest};
use weifen_proto::weiting::{
    AccessTokenRequest, AuthorizeUrlRequest, BoundUserRequest, LoginReportRequest, MobileByTicketRequest,
    OpenidByCodeRequest, OrderReportRequest, PrizeNoticeRequest,
};

const MEBIBYTE: usize = 1 << 20;
/// What may be allocated at once, beside the body.
const MOST: u64 = 8 * MEBIBYTE as u64;
/// The same for broken text: a broken byte becomes U+FFFD, which takes three.
const MOST_OF_BROKEN: u64 = 3 * MOST;

/// Stands where a hostile value is put.
const HERE: &str = "\"here\"";

struct Reader {
    name: &'static str,
    read: fn(&[u8]),
    /// Documents with the places where values may be hostile.
    documents: Vec<Value>,
}

fn reader<E: Endpoint>(documents: impl IntoIterator<Item = Value>) -> Reader {
    let read = |body: &[u8]| {
        drop(E::answer(body));
        drop(E::DOCUMENTED.drifts(body));
    };
    Reader { name: E::OPERATION.name, read, documents: documents.into_iter().collect() }
}

fn readers() -> Vec<Reader> {
    let list = |code: i64| [json!({"code": code, "data": "here", "message": "ok"})];
    let slots = json!({"flag": 0, "result": {"openid": "o", "accounts": "here"}});
    let cap = json!({"errcode": 1, "data": "x", "msg": {"CAPRoot": {"SessionHeader": "here"}}});
    let response = json!({"errcode": 1, "msg": {"CAPRoot": {"SessionHeader": [{"Response": "here"}]}}});
    let push =
        json!({"key": "k", "develop_appid": "d", "auth_open_id": "u", "bidding": 3, "appid": "a", "state": "here"});
    vec![
        reader::<AccessTokenRequest>([json!({"status": 200, "data": "here"}), json!({"status": 0, "errMsg": "here"})]),
        reader::<AuthorizeUrlRequest>([
            json!({"status": 200, "redirect": "here"}),
            json!({"status": 0, "msg": "here"}),
        ]),
        reader::<OpenidByCodeRequest>([json!({"status": 200, "openid": "here"}), json!("here")]),
        reader::<BoundUserRequest>([slots, json!({"flag": 0, "result": "here"})]),
        reader::<PrizeNoticeRequest>([
            json!({"status": 0, "result": "here"}),
            json!({"status": 200, "unknown": "here"}),
        ]),
        reader::<LoginReportRequest>([json!({"status": 0, "data": "here"}), json!({"status": 200, "data": "here"})]),
        reader::<OrderReportRequest>([json!({"status": 200, "data": "here"})]),
        reader::<MobileByTicketRequest>([cap, response, json!({"errcode": 1, "data": {"mobile": "here"}})]),
        reader::<QrcodeRequest>([json!({"code": 20000, "data": {"bidding": 3, "appid": "a", "qrcode_url": "here"}})]),
        reader::<ScenesRequest>(list(20000).into_iter().chain([json!({"code": 50000, "message": "here"})])),
        reader::<CitiesRequest>(list(20000)),
        Reader {
            name: "push",
            read: |body| {
                drop(Push::parse(body));
                drop(Push::drifts(body));
            },
            documents: vec![push],
        },
    ]
}

/// An array of a mebibyte.
fn list(element: &str) -> String {
    format!("[{}]", vec![element; MEBIBYTE / (element.len() + 1)].join(","))
}

/// A hundred thousand fields that nobody knows.
fn unknown_fields() -> String {
    let fields: Vec<_> = (0..100_000).map(|n| format!("\"f{n}\":0")).collect();
    format!("{{{}}}", fields.join(","))
}

fn taken(read: fn(&[u8]), body: &[u8]) -> u64 {
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
            let taken = taken(read, &[before.as_bytes(), value.as_ref(), after.as_bytes()].concat());
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
