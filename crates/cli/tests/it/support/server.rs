//! A server that answers with the bytes that a test wants, written on plain sockets, or on encrypted ones.

use std::io::{self, Read, Write};
use std::mem;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use weifen::transport::testing::{RawRequest, RawServer};

use super::Authority;

/// Path of the token's operation.
pub(crate) const TOKEN: &str = "/service/1.0/access/token";

/// The reply to a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// These bytes, head and all.
    Raw(Vec<u8>),
    /// The connection is closed without a byte.
    Close,
    /// Nothing, for longer than any client waits.
    Hang,
    /// These bytes again and again, until the client goes away.
    Endless(&'static [u8]),
}

impl Reply {
    /// HTTP 200 with this JSON.
    pub(crate) fn json(text: impl AsRef<[u8]>) -> Self {
        Self::with("200 OK", "content-type: application/json\r\n", text)
    }

    pub(crate) fn with(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", body.len());
        Self::Raw([head.as_bytes(), body].concat())
    }
}

/// A server that answers until it is dropped.
pub(crate) struct Server {
    url: String,
    requests: Arc<Mutex<Vec<RawRequest>>>,
    _raw: RawServer,
}

impl Server {
    /// Answers every request by `answer`.
    pub(crate) fn start(answer: impl Fn(&RawRequest) -> Reply + Send + Sync + 'static) -> Self {
        let requests = Arc::default();
        let kept = Arc::clone(&requests);
        let raw = RawServer::start(move |connection| serve(connection, &answer, &kept)).unwrap();
        Self { url: raw.url(), requests, _raw: raw }
    }

    /// The same over TLS, with a certificate of `authority` for its address. A bare machine knows no name of its own.
    pub(crate) fn encrypted(
        authority: &Authority,
        answer: impl Fn(&RawRequest) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::encrypted_as("127.0.0.1", authority, answer)
    }

    /// The same with a certificate for `name`.
    pub(crate) fn encrypted_as(
        name: &str,
        authority: &Authority,
        answer: impl Fn(&RawRequest) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let requests = Arc::default();
        let (config, kept) = (authority.server_config(name), Arc::clone(&requests));
        let raw = RawServer::start(move |connection| {
            let mut tls = rustls::ServerConnection::new(config.clone()).unwrap();
            serve(&mut rustls::Stream::new(&mut tls, connection), &answer, &kept)
        });
        let raw = raw.unwrap();
        Self { url: format!("https://{}", raw.address()), requests, _raw: raw }
    }

    /// Gives a token to those who ask for one, and answers all else by `answer`.
    pub(crate) fn behind_token(answer: impl Fn(&RawRequest) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(move |request| match request.path() {
            TOKEN => Reply::json(r#"{"data":"=T=1","status":200,"info":0}"#),
            _ => answer(request),
        })
    }

    /// An address at which nothing listens, and nothing will: it is taken for as long as this process runs.
    pub(crate) fn nowhere() -> String {
        let server = RawServer::refusing().unwrap();
        let url = server.url();
        mem::forget(server);
        url
    }

    /// Answers a ClientHello with this fatal alert, as a server does that has no TLS in common with its client.
    pub(crate) fn refusing_tls(alert: u8) -> RawServer {
        let server = RawServer::start(move |connection| {
            connection.wait()?;
            connection.write_all(&[21, 3, 3, 0, 2, 2, alert])
        });
        server.unwrap()
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Requests that arrived, but for those for a token.
    pub(crate) fn calls(&self) -> Vec<RawRequest> {
        self.requests().into_iter().filter(|request| request.path() != TOKEN).collect()
    }

    pub(crate) fn requests(&self) -> Vec<RawRequest> {
        self.requests.lock().unwrap().clone()
    }

    /// Requests that arrived since the last call.
    pub(crate) fn take_requests(&self) -> Vec<RawRequest> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

fn serve(
    stream: &mut (impl Read + Write),
    answer: &dyn Fn(&RawRequest) -> Reply,
    kept: &Mutex<Vec<RawRequest>>,
) -> io::Result<()> {
    let request = RawRequest::read(stream)?;
    kept.lock().unwrap().push(request.clone());
    match answer(&request) {
        Reply::Raw(bytes) => stream.write_all(&bytes).and_then(|()| stream.flush()),
        Reply::Close => Ok(()),
        Reply::Hang => io::copy(stream, &mut io::sink()).map(drop),
        Reply::Endless(bytes) => {
            let bytes = bytes.repeat(1 << 12);
            loop {
                stream.write_all(&bytes)?;
            }
        }
    }
}

/// The `Location` of the answer to a GET of `path`.
pub(crate) fn location(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    location.unwrap().to_owned()
}
