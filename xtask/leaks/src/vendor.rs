//! Both vendors with bad manners: in every failure they repeat all that they were sent.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use clap::ValueEnum;
use serde_json::{Value, json};
use weifen::transport::testing::{Connection, RawRequest, RawServer};

use crate::canary::Secret;

/// Path of the token operation.
const TOKEN: &str = "/service/1.0/access/token";

/// The way in which a vendor answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Manner {
    Answers,
    Refuses,
    RejectsToken,
    UsedUp,
    Html,
    Redirect,
    RedirectWithBody,
    OddFields,
    WrongTypes,
    TwiceTheCode,
    ServerError,
    NoWholeBody,
    BadGzip,
    TooLarge,
    BadHeader,
    NotHttp,
    Gbk,
    Resets,
    Silent,
}

impl Manner {
    pub(crate) fn all() -> &'static [Self] {
        Self::value_variants()
    }
}

/// A running vendor.
#[derive(Debug)]
pub(crate) struct Vendor {
    server: RawServer,
    signatures: Arc<Mutex<Vec<String>>>,
}

impl Vendor {
    /// Starts a vendor that answers every operation but the token's by `manner`; where `is_whole`, the token's too.
    ///
    /// # Errors
    /// There is no free port.
    pub(crate) fn start(manner: Manner, is_whole: bool) -> Result<Self> {
        let signatures = Arc::default();
        let kept = Arc::clone(&signatures);
        let server = RawServer::start(move |connection| {
            let request = connection.request()?;
            keep_signatures(&request, &kept);
            answer(connection, if request.path() == TOKEN && !is_whole { Manner::Answers } else { manner }, &request)
        });
        Ok(Self { server: server?, signatures })
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// The signatures that were sent to it.
    pub(crate) fn signatures(&self) -> Vec<String> {
        locked(&self.signatures).clone()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The parameters of a request, decoded.
fn values(request: &RawRequest) -> Vec<(String, String)> {
    let query = request.target().split_once('?').map(|(_, query)| query).unwrap_or_default();
    let mut values: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(fields)) => {
            values.extend(
                fields
                    .into_iter()
                    .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned))),
            );
        }
        _ => values.extend(url::form_urlencoded::parse(&request.body).into_owned()),
    }
    values
}

/// All that was sent: as received, decoded, and as JSON.
fn echo(request: &RawRequest) -> String {
    let values: Vec<_> = values(request).iter().map(|(name, value)| format!("{name}: {value}; {value:?} ")).collect();
    format!("what is {} {} {}?", request.target(), String::from_utf8_lossy(&request.body), values.concat())
}

fn keep_signatures(request: &RawRequest, kept: &Mutex<Vec<String>>) {
    let of_call = values(request).into_iter().filter(|(name, _)| name == "signature").map(|(_, signature)| signature);
    let of_delivery = request.header("webhook-signature").and_then(|signature| signature.strip_prefix("v1,"));
    locked(kept).extend(of_call.chain(of_delivery.map(str::to_owned)));
}

fn answer(connection: &mut Connection, manner: Manner, request: &RawRequest) -> io::Result<()> {
    let echo = echo(request);
    let in_header: String = echo.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
    let json = "content-type: application/json\r\n";
    let bytes = match manner {
        Manner::Answers => whole("200 OK", json, answer_of(request.path()).to_string()),
        Manner::Refuses => whole("200 OK", json, refusal_of(request.path(), &echo).to_string()),
        Manner::RejectsToken => {
            whole("200 OK", json, json!({"status": 0, "errMsg": "access_token校验异常", "was": echo}).to_string())
        }
        Manner::UsedUp => whole("429 Too Many", "retry-after: 0\r\n", refusal_of(request.path(), &echo).to_string()),
        Manner::Html => whole("200 OK", "content-type: text/html\r\n", format!("<html>{echo}</html>")),
        Manner::Redirect => {
            whole("302 Found", &format!("location: http://other.example{}\r\n", request.target()), echo)
        }
        Manner::RedirectWithBody => {
            whole("307 Temporary", &format!("location: http://{in_header}@127.0.0.1:9/{in_header}\r\n"), echo)
        }
        Manner::OddFields => {
            let mut answer = answer_of(request.path());
            answer["was"] = json!({"it": [echo]});
            for (name, value) in values(request) {
                answer[name] = json!({value: 1});
            }
            whole("200 OK", json, answer.to_string())
        }
        Manner::WrongTypes => whole("200 OK", json, wrong(&answer_of(request.path()), &echo).to_string()),
        Manner::TwiceTheCode => {
            let answer = answer_of(request.path()).to_string();
            let more = json!({"status": echo, "code": echo, "errcode": echo, "flag": echo}).to_string();
            whole("200 OK", json, format!("{{{},{}", &more[1..more.len() - 1], &answer[1..]))
        }
        Manner::ServerError => whole(&format!("500 {in_header}"), "", echo),
        Manner::NoWholeBody => {
            format!("HTTP/1.1 200 OK\r\ncontent-length: 99999\r\nconnection: close\r\n\r\n{echo}").into_bytes()
        }
        Manner::BadGzip => whole("200 OK", "content-encoding: gzip\r\n", echo),
        Manner::TooLarge => whole("200 OK", "", echo.repeat(1 + (2 << 20) / echo.len())),
        Manner::BadHeader => format!("HTTP/1.1 200 OK\r\n{echo}\u{1}\r\n\r\n").into_bytes(),
        Manner::NotHttp => echo.into_bytes(),
        Manner::Gbk => {
            whole("200 OK", json, [b"{\"errMsg\": \"\xd3\xc3\xbb\xa7 ".as_slice(), echo.as_bytes(), b"\"}"].concat())
        }
        Manner::Resets => return Ok(()),
        Manner::Silent => return connection.hang(),
    };
    connection.write_all(&bytes)
}

fn whole(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// The documented answer, with canaries as its values.
pub(crate) fn answer_of(path: &str) -> Value {
    match path {
        TOKEN => json!({"data": Secret::AccessToken.value(), "status": 200, "info": 0}),
        "/service/wxoauth/2.0/getBaseUrl" => {
            json!({"status": 200, "redirect": format!("https://open.weixin.qq.com/x?state={}", Secret::State.value())})
        }
        "/service/wxoauth/2.0/getOpenidByCode" => json!({"status": 200, "openid": "an-openid"}),
        "/service/1.0/sendPrizeNotice" => json!({"status": 200, "result": "发送成功"}),
        "/service/weekBind/create" => json!({"data": "success", "status": 200, "info": 0}),
        "/service/flowOrders/create" => json!({"data": "an-order", "status": 200, "info": 0}),
        "/service/appOauthen/Ticket" => json!({"errcode": 0, "data": {"mobile": Secret::Mobile.value()}}),
        "/open/commercial/get_scene" => json!({"code": 20000, "data": [{"id": 1, "name": "学校"}], "message": "ok"}),
        "/open/commercial/get_city" => json!({"code": 20000, "data": [{"id": 1, "name": "北京市"}], "message": "ok"}),
        "/open/commercial/get_qrcode" => json!({"code": 20000, "message": "ok", "data": {
            "key": "a-key", "develop_appid": "a-developer", "nickname": Secret::Nickname.value(), "city_code": 4,
            "auth_open_id": "a-user", "bidding": 60, "appid": "wx-account", "appname": "七彩东莞",
            "code": Secret::VerificationCode.value(), "expire": 120, "qrcode_url": "http://127.0.0.1:9/q"}}),
        _ => json!({"flag": 0, "result": {
            "_id": "1", "openid": "an-openid", "nickname": Secret::BoundName.value(), "headimg": "http://127.0.0.1:9/h", "__v": 0,
            "updateAt": "2016-09-28T05:16:00.804Z", "createAt": "2016-09-28T05:16:00.804Z", "accounts": [
                {"deviceno": Secret::BoundMobile.value(), "devicename": "手机", "bindtime": "2016-05-27 11:04:36",
                 "bindtdate": "2016-05-27 11:04:36", "bpn": "1", "sort": "1"}, {"sort": "1"}]}}),
    }
}

/// The documented refusal, with a message that repeats what was sent.
pub(crate) fn refusal_of(path: &str, words: &str) -> Value {
    match path {
        _ if path.starts_with("/open/") => json!({"code": 50004, "data": null, "message": words}),
        TOKEN => json!({"status": 0, "errMsg": words}),
        "/service/1.0/sendPrizeNotice" | "/service/wxoauth/2.0/getOpenidByCode" => {
            json!({"status": 40005, "errMsg": words})
        }
        "/service/appOauthen/Ticket" => json!({"errcode": 1, "data": words, "msg": {"CAPRoot": {"SessionHeader": [{
            "TransactionID": [words], "ActionCode": ["1"], "RspTime": ["20161014084034"],
            "Response": [{"RspType": ["1"], "RspCode": [words], "RspDesc": [words]}]}]}}}),
        "/service/weekBind/create" | "/service/flowOrders/create" => json!({"data": words, "status": 0, "info": 0}),
        _ => json!({"flag": 1, "status": 0, "errMsg": words}),
    }
}

/// The same members, with a text in place of each value that decides the kind of answer.
fn wrong(answer: &Value, echo: &str) -> Value {
    match answer {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), wrong(value, echo))).collect(),
        Value::Number(_) => json!(echo),
        Value::String(_) => json!({echo: echo}),
        other => other.clone(),
    }
}
