//! A server that answers with the bytes that a test wants, written on plain sockets, or on encrypted ones.

use std::io::{BufRead, BufReader, Read, Write};
use std::mem;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::net::TcpSocket;

use super::{Authority, Listening};

/// Where a token is fetched.
pub(crate) const TOKEN: &str = "/service/1.0/access/token";

/// What arrived.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The method and the target, such as `GET /path?query`.
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    /// The next one of a connection; nothing where it ends, or is cut.
    pub(crate) fn read(stream: &mut impl Read) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let mut headers = Vec::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim_end().split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length").map_or("0", |(_, value)| value);
        let mut body = vec![0; length.parse().ok()?];
        reader.read_exact(&mut body).ok()?;
        Some(Self { line: line.trim_end().to_owned(), headers, body: String::from_utf8(body).ok()? })
    }

    pub(crate) fn path(&self) -> &str {
        let target = self.line.split(' ').nth(1).unwrap();
        target.split('?').next().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What goes back.
#[derive(Clone)]
pub(crate) enum Reply {
    /// HTTP 200 with this JSON.
    Json(String),
    /// These bytes, head and all.
    Raw(Vec<u8>),
    /// The connection is closed without a byte.
    Close,
    /// Nothing, for longer than anyone waits.
    Hang,
    /// These bytes again and again, until the client goes away.
    Endless(&'static [u8]),
}

impl Reply {
    pub(crate) fn json(text: impl Into<String>) -> Self {
        Self::Json(text.into())
    }

    pub(crate) fn with(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", body.len());
        Self::Raw([head.as_bytes(), body].concat())
    }
}

/// Answers until it is dropped.
pub(crate) struct Server {
    url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    _listening: Listening,
}

impl Server {
    /// Answers every request by `answer`.
    pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let requests = Arc::default();
        let kept = Arc::clone(&requests);
        let listening = Listening::start(move |stream| serve(stream, &answer, &kept));
        Self { url: format!("http://{}", listening.address()), requests, _listening: listening }
    }

    /// The same over TLS, with a certificate of `authority` for its address. A bare machine knows no name of its own.
    pub(crate) fn encrypted(authority: &Authority, answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::encrypted_as("127.0.0.1", authority, answer)
    }

    /// The same with a certificate for `name`.
    pub(crate) fn encrypted_as(
        name: &str,
        authority: &Authority,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let requests = Arc::default();
        let (config, kept) = (authority.server_config(name), Arc::clone(&requests));
        let listening = Listening::start(move |stream| {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            serve(rustls::StreamOwned::new(connection, stream), &answer, &kept);
        });
        let url = format!("https://{}", listening.address());
        Self { url, requests, _listening: listening }
    }

    /// Gives a token to those who ask for one, and answers all else by `answer`.
    pub(crate) fn behind_token(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(move |request| match request.path() {
            TOKEN => Reply::json(r#"{"data":"=T=1","status":200,"info":0}"#),
            _ => answer(request),
        })
    }

    /// An address at which nothing listens, and nothing will: it is taken for as long as this process runs.
    pub(crate) fn nowhere() -> String {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        mem::forget(socket);
        url
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// What arrived, but for those who asked for a token.
    pub(crate) fn calls(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.path() != TOKEN).collect()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// What arrived since this was last asked.
    pub(crate) fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

fn serve(mut stream: impl Read + Write, answer: &dyn Fn(&Request) -> Reply, kept: &Mutex<Vec<Request>>) {
    let Some(request) = Request::read(&mut stream) else { return };
    kept.lock().unwrap().push(request.clone());
    let bytes = match answer(&request) {
        Reply::Json(text) => {
            let Reply::Raw(bytes) = Reply::with("200 OK", "content-type: application/json\r\n", text) else { return };
            bytes
        }
        Reply::Raw(bytes) => bytes,
        Reply::Close => return,
        Reply::Hang => return thread::sleep(Duration::from_secs(30)),
        Reply::Endless(bytes) => {
            let bytes = bytes.repeat(1 << 12);
            while stream.write_all(&bytes).is_ok() {}
            return;
        }
    };
    // A client that has seen enough may be gone.
    let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
}

/// Where a GET of `path` is sent on to.
pub(crate) fn location(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    location.unwrap().to_owned()
}
