//! What hostile answers and pushes of a mebibyte take in memory while they are read.

use serde_json::{Value, json};
use weifen_proto::fensi::{Cities, Push, QrcodeRequest, Scenes};
use weifen_proto::weiting::{
    AccessTokenRequest, AuthorizeUrl, BoundUserRequest, LoginReport, MobileByTicket, OpenidByCode, OrderReport,
    PrizeNotice,
};
use weifen_proto::Endpoint;

const MEBIBYTE: usize = 1 << 20;
/// What may be allocated at once, beside the body.
const MOST: u64 = 8 * MEBIBYTE as u64;

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
    let push = json!({"key": "k", "develop_appid": "d", "auth_open_id": "u", "bidding": 3, "appid": "a", "state": "here"});
    vec![
        reader::<AccessTokenRequest>([json!({"status": 200, "data": "here"}), json!({"status": 0, "errMsg": "here"})]),
        reader::<AuthorizeUrl>([json!({"status": 200, "redirect": "here"}), json!({"status": 0, "msg": "here"})]),
        reader::<OpenidByCode>([json!({"status": 200, "openid": "here"}), json!({"status": "here", "openid": "o"})]),
        reader::<BoundUserRequest>([slots, json!({"flag": 0, "result": "here"})]),
        reader::<PrizeNotice>([json!({"status": 0, "result": "here"})]),
        reader::<LoginReport>([json!({"status": 0, "data": "here"}), json!({"status": 200, "data": "here"})]),
        reader::<OrderReport>([json!({"status": 200, "data": "here"})]),
        reader::<MobileByTicket>([cap, response, json!({"errcode": 1, "data": {"mobile": "here"}})]),
        reader::<QrcodeRequest>([json!({"code": 20000, "data": {"bidding": 3, "appid": "a", "qrcode_url": "here"}})]),
        reader::<Scenes>(list(20000).into_iter().chain([json!({"code": 50000, "message": "here"})])),
        reader::<Cities>(list(20000)),
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

/// Values of about a mebibyte, each of another kind.
fn hostile_values() -> Vec<(&'static str, String)> {
    let list = |element: &str| {
        let count = MEBIBYTE / (element.len() + 1);
        format!("[{}]", vec![element; count].join(","))
    };
    let names = |value: &str| {
        let fields: Vec<_> = (0..100_000).map(|n| format!("\"f{n}\":{value}")).collect();
        format!("{{{}}}", fields.join(","))
    };
    vec![
        ("arrays of nothing", list("[]")),
        ("objects of nothing", list("{}")),
        ("empty texts", list("\"\"")),
        ("zeros", list("0")),
        ("slots", list(r#"{"sort":"1"}"#)),
        ("accounts", list(r#"{"deviceno":"1","sort":"1"}"#)),
        ("names", list(r#"{"id":1,"name":""}"#)),
        ("CAP elements", list(r#"{"Response":[{"RspDesc":[""]}]}"#)),
        ("arrays in arrays", format!("{}{}", "[".repeat(MEBIBYTE / 2), "]".repeat(MEBIBYTE / 2))),
        ("objects in objects", "{\"a\":".repeat(MEBIBYTE / 5)),
        ("a long number", "9".repeat(MEBIBYTE)),
        ("a long text", format!("\"{}\"", "a".repeat(MEBIBYTE))),
        ("an escaped text", format!("\"{}\"", "\\n".repeat(MEBIBYTE / 2))),
        ("a text of numbers", format!("\"{}\"", "1 ".repeat(MEBIBYTE / 2))),
        ("unknown fields", names("0")),
        ("a field many times", format!("{{{}}}", vec!["\"a\":0"; MEBIBYTE / 6].join(","))),
    ]
}

fn taken(read: fn(&[u8]), body: &[u8]) -> u64 {
    allocation_counter::measure(|| read(body)).bytes_max
}

#[test]
fn no_hostile_answer_or_push_takes_eight_mebibytes() {
    let values = hostile_values();
    let mut most = (0, String::new());
    for Reader { name, read, documents } in readers() {
        let unknown = documents[0].to_string().replacen('{', "{\"unknown\":\"here\",", 1).replacen("\"here\"}", "\"x\"}", 1);
        let documents = documents.iter().map(Value::to_string);
        for document in documents.chain([unknown, HERE.to_owned()]) {
            for (kind, value) in &values {
                let body = document.replacen(HERE, value, 1);
                let taken = taken(read, body.as_bytes());
                most = most.max((taken, format!("{name}: {kind} in {document}")));
            }
        }
    }
    assert!(most.0 < MOST, "{} takes {} bytes", most.1, most.0);
    println!("the most is {} KiB: {}", most.0 / 1024, most.1);
}

#[test]
fn what_is_allocated_is_seen() {
    let keeps_all = |body: &[u8]| drop(serde_json::from_slice::<Value>(body));
    assert!(taken(keeps_all, hostile_values()[0].1.as_bytes()) > MOST);
}
