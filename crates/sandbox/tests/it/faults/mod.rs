//! What goes wrong on purpose, as a client sees it on the wire.

mod chaos;
mod chosen;
mod connection;
mod gzip;
mod json;
mod list;
mod pushes;
mod replies;
mod world;

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};
use weifen_sandbox::{Sandbox, test_data};

use crate::partner::{Reply, Way, control, encode, fetch_token, form, signature, signed};

/// A sandbox with a live token, and one fault after that.
async fn start_with(fault: Value) -> (Sandbox, String) {
    let sandbox = crate::partner::start().await;
    let token = fetch_token(&sandbox);
    set_faults(&sandbox, 1, &Value::Array(vec![fault]));
    (sandbox, token)
}

fn set_faults(sandbox: &Sandbox, seed: u64, faults: &Value) {
    let reply = control(sandbox, "faults", &json!({ "seed": seed, "faults": faults }));
    assert_eq!(reply.status, 200, "{}", reply.text());
}

const ORDER: &str = "/service/flowOrders/create";

fn order(token: &str) -> Vec<u8> {
    let body = json!({
        "openid": test_data::OPENID,
        "deviceno": "18900000001",
        "traffic_package_name": "1G",
        "channel": "1",
        "from": "love flow",
    })
    .to_string();
    let path = format!("{ORDER}?access_token={}", encode(token));
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// All that comes until the connection ends, and how it ends.
fn all_bytes(sandbox: &Sandbox, request: &[u8]) -> (Vec<u8>, io::Result<usize>) {
    let mut stream = TcpStream::connect(sandbox.addr()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request).unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes);
    (bytes, end)
}

fn report_order(sandbox: &Sandbox, token: &str) -> Reply {
    crate::partner::raw(sandbox.addr(), &order(token))
}

fn bound_user(sandbox: &Sandbox, token: &str) -> Reply {
    let query = form(&[("openid", test_data::OPENID), ("access_token", token)]);
    crate::partner::get(sandbox.addr(), &format!("{}?{query}", test_data::USER_PATH))
}

fn scenes(sandbox: &Sandbox) -> Reply {
    Way::Json.send(sandbox.addr(), "POST", "/open/commercial/get_scene", &signed(&[], &signature()))
}

fn orders(sandbox: &Sandbox) -> usize {
    sandbox.state()["weiting"]["orders"].as_array().unwrap().len()
}

/// Fault and whether it was done, of the log's last entry.
fn last(sandbox: &Sandbox) -> (Value, bool) {
    let entry = sandbox.log().pop().unwrap();
    (json!(entry.fault), entry.done)
}
