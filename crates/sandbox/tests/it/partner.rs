//! A partner's client in its plainest form: blocking sockets, a signature of its own, no SDK.

use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use md5::{Digest, Md5};
use serde_json::{Value, json};
use weifen_sandbox::{Sandbox, test_data};

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Sends bytes as they are and reads the answer to the connection's end.
pub(crate) fn raw(to: SocketAddr, bytes: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an HTTP answer");
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, head, body: answer[end + 4..].to_vec() }
}

/// One HTTP request on a connection of its own.
pub(crate) fn send(to: SocketAddr, method: &str, path: &str, content_type: &str, body: &[u8]) -> Reply {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n");
    if !content_type.is_empty() {
        write!(request, "Content-Type: {content_type}\r\n").unwrap();
    }
    if !body.is_empty() || method == "POST" {
        write!(request, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    request.push_str("\r\n");
    raw(to, &[request.as_bytes(), body].concat())
}

pub(crate) fn get(to: SocketAddr, path: &str) -> Reply {
    send(to, "GET", path, "", b"")
}

pub(crate) fn post_json(to: SocketAddr, path: &str, body: &Value) -> Reply {
    send(to, "POST", path, "application/json", body.to_string().as_bytes())
}

/// Percent-encodes everything but letters and digits.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
        encoded
    })
}

pub(crate) fn form(parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

pub(crate) fn multipart(parameters: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, value) in parameters {
        write!(body, "--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").unwrap();
    }
    body + "--cut--\r\n"
}

/// The four ways in which parameters travel.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    Query,
    Form,
    Multipart,
    Json,
}

impl Way {
    pub(crate) const ALL: [Self; 4] = [Self::Query, Self::Form, Self::Multipart, Self::Json];

    pub(crate) fn send(self, to: SocketAddr, method: &str, path: &str, parameters: &[(&str, &str)]) -> Reply {
        let joint = if path.contains('?') { '&' } else { '?' };
        match self {
            Self::Query => send(to, method, &format!("{path}{joint}{}", form(parameters)), "", b""),
            Self::Form => send(to, method, path, "application/x-www-form-urlencoded", form(parameters).as_bytes()),
            Self::Multipart => {
                send(to, method, path, "multipart/form-data; boundary=cut", multipart(parameters).as_bytes())
            }
            Self::Json => {
                let object: Value = parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
                send(to, method, path, "application/json; charset=utf-8", object.to_string().as_bytes())
            }
        }
    }
}

pub(crate) async fn start() -> Sandbox {
    Sandbox::start().await.unwrap()
}

pub(crate) fn token_path() -> String {
    format!("/service/1.0/access/token?appid={}&secret={}", encode(test_data::APPID), encode(test_data::SECRET))
}

pub(crate) fn fetch_token(sandbox: &Sandbox) -> String {
    let answer = get(sandbox.addr(), &token_path()).json();
    assert_eq!(answer["status"], 200, "{answer}");
    answer["data"].as_str().unwrap().to_owned()
}

/// A path with a fresh token in its query.
pub(crate) fn with_token(sandbox: &Sandbox, path: &str) -> String {
    format!("{path}?access_token={}", encode(&fetch_token(sandbox)))
}

pub(crate) fn sign(timestamp: &str, nonce: &str, secret: &str) -> String {
    let mut texts = [timestamp, nonce, secret];
    texts.sort_unstable();
    hex::encode(Md5::digest(texts.concat()))
}

/// A signed call of 粉丝万岁: the four signing parameters, and the given ones in front.
pub(crate) fn signed<'a>(parameters: &[(&'a str, &'a str)], signature: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut all = parameters.to_vec();
    all.extend([
        ("develop_appid", test_data::DEVELOP_APPID),
        ("timestamp", "1557200022"),
        ("nonce", "jbh12345"),
        ("signature", signature),
    ]);
    all
}

pub(crate) fn signature() -> String {
    sign("1557200022", "jbh12345", test_data::APP_SECRET)
}

pub(crate) const QRCODE: &str = "/open/commercial/get_qrcode";

/// A call of `get_qrcode` that names `auth_open_id` and whatever else is given; what is given wins.
pub(crate) fn qrcode(sandbox: &Sandbox, auth_open_id: &str, extra: &[(&str, &str)]) -> Value {
    let usual = [
        ("key", test_data::KEY),
        ("auth_open_id", auth_open_id),
        ("nickname", "追梦小窝"),
        ("sex", "0"),
        ("ip", "183.13.188.125"),
    ];
    let mut parameters: Vec<_> =
        usual.into_iter().filter(|(name, _)| !extra.iter().any(|(own, _)| own == name)).collect();
    parameters.extend(extra);
    let signature = signature();
    let reply = Way::Json.send(sandbox.addr(), "POST", QRCODE, &signed(&parameters, &signature));
    assert_eq!(reply.status, 200);
    reply.json()
}

pub(crate) fn control(sandbox: &Sandbox, action: &str, body: &Value) -> Reply {
    post_json(sandbox.addr(), &format!("/_sandbox/{action}"), body)
}
