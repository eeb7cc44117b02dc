//! A client that sends what it is told.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::sleep;

/// A request, of which tests change what they are about.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn get(path: &str) -> Self {
        Self { method: "GET", path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// A POST of JSON.
    pub(crate) fn post(path: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { method: "POST", body: body.into(), ..Self::get(path) }.header("content-type", "application/json")
    }

    pub(crate) fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    /// Sets a header, in the place of one of the same name.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    /// Its bytes, but for the body.
    pub(crate) fn head(&self) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: h\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if !self.headers.iter().any(|(name, _)| name == "content-length" || name == "transfer-encoding") {
            head.extend(["content-length: ", &self.body.len().to_string(), "\r\n"]);
        }
        head + "\r\n"
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    pub(crate) async fn send(self, address: SocketAddr) -> Answer {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = self.clone().header("connection", "close").head();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&self.body).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        Answer::read(&text)
    }
}

/// A connection that is kept for many requests.
pub(crate) struct Kept(BufReader<TcpStream>);

impl Kept {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    /// Sends a request, its body a moment after its head, as many clients do.
    pub(crate) async fn send(&mut self, request: &Request) -> Answer {
        self.0.write_all(request.head().as_bytes()).await.unwrap();
        sleep(Duration::from_millis(20)).await;
        self.0.write_all(request.body()).await.unwrap();
        self.answer().await
    }

    /// Reads an answer whose length stands in its head.
    pub(crate) async fn answer(&mut self) -> Answer {
        let mut text = String::new();
        while !text.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut text).await.unwrap(), 0, "the connection is closed: {text}");
        }
        let mut answer = Answer::read(&text);
        let mut body = vec![0; answer.header("content-length").unwrap().parse().unwrap()];
        self.0.read_exact(&mut body).await.unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        };
        Self { status, headers: lines.map(header).collect(), body: body.to_owned() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The answer's JSON, which is one of 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!((self.status, self.header("content-type")), (200, Some("application/json")), "{self:?}");
        self.json()
    }

    /// The kind of the problem that it tells, in the form that all have.
    #[track_caller]
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!((&problem["type"], &problem["status"]), (&"about:blank".into(), &self.status.into()), "{self:?}");
        for text in ["title", "detail"] {
            assert!(problem[text].as_str().is_some_and(|text| !text.is_empty()), "{text}: {self:?}");
        }
        assert!(problem["retryable"].is_boolean(), "{self:?}");
        problem["kind"].as_str().unwrap().to_owned()
    }

    /// The places that are wrong, in the order of the answer.
    pub(crate) fn faults(&self) -> Vec<String> {
        let place = |fault: &Value| {
            let place = fault.get("pointer").or_else(|| fault.get("parameter")).unwrap();
            place.as_str().unwrap().to_owned()
        };
        self.json()["errors"].as_array().map(|faults| faults.iter().map(place).collect()).unwrap_or_default()
    }
}
