//! Checks that a transport keeps the promises of [`Transport`].

use std::error::Error;
use std::io::{self, Write as _};
use std::iter::successors;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};

use super::{Connection, RawRequest, RawServer};
use crate::{Transport, TransportError};

/// Maximum delay of a busy machine beyond a transport's timeout.
const LATE: Duration = Duration::from_secs(3);

/// The time in which bytes that were sent arrive at a server of the same machine.
const ARRIVAL: Duration = Duration::from_millis(100);

/// Number of bytes of a flood; half of them are more than a bounded reply and the sockets' buffers hold.
const FLOOD: usize = 32 << 20;

/// Text in each part of a request that may hold a secret.
const CANARY: &str = "canary7Hq2fX";

type Served = fn(&mut Connection) -> io::Result<()>;

/// Behaviours of a server that never sends a whole reply.
const NO_REPLIES: [(&str, Served); 19] = [
    ("resets the connection at once", Connection::reset),
    ("resets the connection before it reads", |it| it.wait().and_then(|()| it.reset())),
    ("closes the connection after the request", |it| reply(it, b"")),
    ("resets the connection after the request", |it| reply(it, b"").and_then(|()| it.reset())),
    ("resets the connection after the first byte", |it| reply(it, b"H").and_then(|()| late_reset(it))),
    ("cuts the status line", |it| reply(it, b"HTTP/1.1 2")),
    ("cuts the head", |it| reply(it, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n")),
    ("cuts a body of a known length", |it| reply(it, b"HTTP/1.1 503 No\r\ncontent-length: 50\r\n\r\n{\"a\":")),
    ("cuts a body in a chunk", |it| reply(it, b"HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a")),
    ("cuts a body between chunks", |it| reply(it, b"HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n")),
    ("resets the connection within the body", |it| {
        reply(it, b"HTTP/1.1 503 No\r\ncontent-length: 50\r\n\r\n{\"a\":").and_then(|()| late_reset(it))
    }),
    ("announces a body larger than any memory", |it| {
        reply(it, b"HTTP/1.1 503 No\r\ncontent-length: 9223372036854775807\r\n\r\n{}")
    }),
    ("speaks no HTTP", |it| reply(it, b"SSH-2.0-OpenSSH_9.6\r\n")),
    ("repeats the request in the place of a reply", |it| {
        let request = it.request()?;
        it.write_all(&[request.line.as_bytes(), b"\r\n", &request.body].concat())
    }),
    ("hangs after the request", |it| reply(it, b"").and_then(|()| it.hang())),
    ("hangs within the head", |it| reply(it, b"HTTP/1.1 200 OK\r\ncontent-le").and_then(|()| it.hang())),
    ("hangs within the body", |it| {
        reply(it, b"HTTP/1.1 503 No\r\ncontent-length: 9\r\n\r\n{").and_then(|()| it.hang())
    }),
    ("floods the head", |it| reply(it, b"HTTP/1.1 200 OK\r\nx: ").and_then(|()| it.flood(&[b'y'; 1 << 16], FLOOD))),
    ("floods the body", |it| reply(it, b"HTTP/1.1 503 No\r\n\r\n").and_then(|()| it.flood(&[b' '; 1 << 16], FLOOD))),
];

fn reply(connection: &mut Connection, bytes: &[u8]) -> io::Result<()> {
    connection.request()?;
    connection.write_all(bytes)
}

/// Resets the connection once the client may have read what was sent.
fn late_reset(connection: &mut Connection) -> io::Result<()> {
    thread::sleep(ARRIVAL);
    connection.reset()
}

/// Whole replies: status, further head lines, the body as it is sent, and the body as it is read.
const REPLIES: [(u16, &str, &[u8], &[u8]); 16] = [
    (200, "content-length: 11", b"\xef\xbb\xbf{\"\xb1\xb1\":1}", b"\xef\xbb\xbf{\"\xb1\xb1\":1}"),
    (200, "transfer-encoding: chunked", b"3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n", b"{\"a\":1}"),
    (200, "connection: close", b"{\"a\":1}", b"{\"a\":1}"),
    (200, "content-length: 0", b"", b""),
    (204, "x-a: b", b"", b""),
    (301, "content-length: 5\r\nlocation: {elsewhere}", b"moved", b"moved"),
    (302, "content-length: 5\r\nlocation: {elsewhere}", b"moved", b"moved"),
    (303, "content-length: 5\r\nlocation: {elsewhere}", b"moved", b"moved"),
    (307, "content-length: 5\r\nlocation: {elsewhere}", b"moved", b"moved"),
    (308, "content-length: 5\r\nlocation: {elsewhere}", b"moved", b"moved"),
    (401, "content-length: 2\r\nwww-authenticate: Basic realm=\"x\"", b"no", b"no"),
    (404, "content-length: 2", b"no", b"no"),
    (429, "content-length: 2\r\nretry-after: 0", b"no", b"no"),
    (500, "content-length: 2", b"no", b"no"),
    (503, "content-length: 2\r\nretry-after: 0", b"no", b"no"),
    (999, "content-length: 2", b"no", b"no"),
];

/// `{"a":1}` in gzip.
const GZIP: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xab\x56\x4a\x54\xb2\x32\xac\x05\0\xaf\xac\x1b\x56\x07\0\0\0";

/// The outcome that a request must have.
enum Due<'a> {
    Reply(u16, &'a [u8]),
    /// An error that says that nothing was sent.
    NotSent,
    /// Any error that is true.
    Failure,
    /// Anything that is true.
    Truth,
}

/// Checks `transport` against every promise of [`Transport`], at a server that resets, cuts, hangs and floods.
///
/// `timeout` is the transport's time limit for a request. The check takes three times as long and a few seconds more,
/// in real time: do not run it on a runtime whose clock is paused.
///
/// ```
/// use std::time::Duration;
///
/// use weifen_transport::ReqwestTransport;
/// use weifen_transport::testing::transport_conformance;
///
/// #[tokio::main]
/// async fn main() {
///     let timeout = Duration::from_secs(2);
///     transport_conformance(&ReqwestTransport::builder().timeout(timeout).build().unwrap(), timeout).await;
/// }
/// ```
///
/// # Panics
/// When promises are broken; the message names each, with what the transport claims and what the server saw.
pub async fn transport_conformance(transport: &dyn Transport, timeout: Duration) {
    let mut trial = Trial { transport, timeout, requests: 0, broken: Vec::new() };
    trial.check(transport.time_limit().is_none_or(|limit| limit <= timeout), || {
        format!("its time limit {:?} is longer than its time-out", transport.time_limit())
    });
    for method in [Method::GET, Method::POST] {
        for (status, head, sent, read) in REPLIES {
            trial.a_reply_comes_back_as_it_was_sent(&method, status, head, sent, read).await;
        }
    }
    trial.a_compressed_body_is_unpacked().await;
    trial.an_early_hint_is_no_reply().await;
    for (what, serve) in NO_REPLIES {
        let server = RawServer::start(serve).expect("a free port");
        trial.meet(what, &server, Method::POST, Due::Failure).await;
    }
    let server = RawServer::refusing().expect("a free port");
    trial.meet("refuses the connection", &server, Method::POST, Due::NotSent).await;
    trial.a_kept_connection_that_is_lost_is_not_replaced("closes", |_| Ok(())).await;
    trial.a_kept_connection_that_is_lost_is_not_replaced("resets", Connection::reset).await;
    trial.what_is_to_be_encrypted_is_never_sent_in_clear().await;
    let broken = trial.broken;
    assert!(broken.is_empty(), "a transport breaks {} promises:\n{}", broken.len(), broken.join("\n"));
}

struct Trial<'a> {
    transport: &'a dyn Transport,
    timeout: Duration,
    requests: usize,
    broken: Vec<String>,
}

impl Trial<'_> {
    async fn a_reply_comes_back_as_it_was_sent(
        &mut self,
        method: &Method,
        status: u16,
        head: &str,
        sent: &'static [u8],
        read: &[u8],
    ) {
        let elsewhere = RawServer::start(|it| reply(it, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
        let elsewhere = elsewhere.expect("a free port");
        let head = head.replace("{elsewhere}", &format!("{}/{CANARY}", elsewhere.url()));
        let what = format!("answers {method} with {status} and {:?}", head.lines().next().unwrap_or_default());
        let head = format!("HTTP/1.1 {status} Told\r\nx-kept: told\r\n{head}\r\n\r\n");
        let server = RawServer::start(move |it| reply(it, &[head.as_bytes(), sent].concat())).expect("a free port");
        self.meet(&what, &server, method.clone(), Due::Reply(status, read)).await;
        let is_followed = elsewhere.received().iter().any(|received| !received.is_empty());
        self.check(!is_followed, || format!("at a server that {what}: the redirect is followed"));
    }

    async fn a_compressed_body_is_unpacked(&mut self) {
        let server = RawServer::start(|it| {
            let request = it.request()?;
            let is_asked_for = request.header("accept-encoding").is_some_and(|encodings| encodings.contains("gzip"));
            let (head, body) =
                if is_asked_for { ("content-encoding: gzip\r\n", GZIP) } else { ("", &b"{\"a\":1}"[..]) };
            let length = body.len();
            write!(it, "HTTP/1.1 200 OK\r\nx-kept: told\r\n{head}content-length: {length}\r\n\r\n")?;
            it.write_all(body)
        });
        let server = server.expect("a free port");
        self.meet("compresses where it may", &server, Method::POST, Due::Reply(200, b"{\"a\":1}")).await;
    }

    async fn an_early_hint_is_no_reply(&mut self) {
        let server = RawServer::start(|it| {
            reply(it, b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")?;
            it.write_all(b"HTTP/1.1 200 OK\r\nx-kept: told\r\ncontent-length: 2\r\n\r\n{}")
        });
        let server = server.expect("a free port");
        self.meet("sends 103 before its reply", &server, Method::POST, Due::Reply(200, b"{}")).await;
    }

    /// Keeps the first connection, and ends it at its second request.
    async fn a_kept_connection_that_is_lost_is_not_replaced(&mut self, ends: &str, end: Served) {
        let server = RawServer::start(move |it| {
            let whole = b"HTTP/1.1 200 OK\r\nx-kept: told\r\ncontent-length: 2\r\n\r\n{}";
            reply(it, whole)?;
            it.request()?;
            if it.number() == 0 { end(it) } else { it.write_all(whole) }
        });
        let server = server.expect("a free port");
        self.meet("keeps the connection", &server, Method::POST, Due::Reply(200, b"{}")).await;
        let what = format!("{ends} the connection that it kept, after the request");
        self.meet(&what, &server, Method::POST, Due::Truth).await;
    }

    async fn what_is_to_be_encrypted_is_never_sent_in_clear(&mut self) {
        let server = RawServer::start(|it| {
            it.wait()?;
            it.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        });
        let server = server.expect("a free port");
        let outcome = self.send(self.request(&format!("https://{}", server.address()), Method::POST)).await;
        tokio::time::sleep(ARRIVAL).await;
        let is_clear = server.received().iter().any(|received| count(received, CANARY) > 0);
        self.check(matches!(outcome, Some(Err(_))) && !is_clear, || {
            format!(
                "at a server without TLS: the request is sent in clear, or not as an error; {}",
                claim(outcome.as_ref())
            )
        });
    }

    fn request(&self, url: &str, method: Method) -> Request<Bytes> {
        let target = format!("{url}/{}/{CANARY}?access_token=%3D{CANARY}&name=a+b%20c%2F", self.requests);
        let is_post = method == Method::POST;
        let body = if is_post { format!("{{\"openid\": \"{CANARY}\", \"名\": \"微厅\"}}") } else { String::new() };
        let request = Request::builder().method(method).uri(target).header("x-twice", CANARY).header("x-twice", "2");
        let request = if is_post { request.header("content-type", "application/json") } else { request };
        request.body(body.into()).expect("these parts are a request")
    }

    /// Sends `request` and returns the outcome, if one came in time.
    async fn send(&self, request: Request<Bytes>) -> Option<Result<Response<Bytes>, TransportError>> {
        let outcome = tokio::time::timeout(self.timeout + LATE, self.transport.send(request)).await.ok();
        if matches!(outcome, Some(Err(TransportError::NotSent(_)))) {
            tokio::time::sleep(ARRIVAL).await;
        }
        outcome
    }

    /// Sends a request to a `server` that does `what`, and compares the transport's claim with the `due` outcome and
    /// with the bytes that the server received.
    async fn meet(&mut self, what: &str, server: &RawServer, method: Method, due: Due<'_>) {
        self.requests += 1;
        let before = server.received().concat().len();
        let request = self.request(&server.url(), method);
        let outcome = self.send(request.clone()).await;
        let received = server.received().concat();
        let arrived = &received[before..];
        let line = format!("{} {}", request.method(), request.uri().path());
        let times = count(&received, &line);
        let told = claim(outcome.as_ref());
        let mut check = |is_kept, promise: &str| {
            self.check(is_kept, || {
                let saw = format!("saw {} bytes and {times} requests", arrived.len());
                format!("at a server that {what}: {promise}; {told}, the server {saw}")
            });
        };
        check(outcome.is_some(), "it does not end within its time-out");
        check(times <= 1, "it sends the request more than once");
        check(server.sent() < FLOOD / 2, "it reads without a bound");
        let is_not_sent = matches!(outcome, Some(Err(TransportError::NotSent(_))));
        check(!is_not_sent || arrived.is_empty(), "it claims that nothing was sent, and something came");
        if let Some(Err(error)) = &outcome {
            check(!printed(error).contains(CANARY), "its error prints what was sent");
            if let TransportError::BadBody { status, .. } | TransportError::BodyTimedOut { status, .. } = error {
                check(*status == 503, "it tells another status than the reply's");
            }
        }
        match due {
            Due::Reply(status, body) => {
                let reply = outcome.and_then(Result::ok);
                check(reply.is_some(), "it makes an error of a reply");
                if let Some(reply) = reply {
                    check(reply.status() == status, "it changes the status");
                    check(reply.body() == body, "it changes the reply's body");
                    let kept = reply.headers().get("x-kept");
                    check(kept.is_some_and(|kept| kept == "told"), "it loses a header of the reply");
                }
                check(is_as_told(arrived, &request), "it changes the request");
            }
            Due::NotSent => check(is_not_sent, "it does not say that nothing was sent"),
            Due::Failure => check(!matches!(outcome, Some(Ok(_))), "it makes a reply of none, or of a part"),
            Due::Truth => {}
        }
        self.check(!format!("{:?}", self.transport).contains(CANARY), || "its Debug prints what was sent".to_owned());
    }

    fn check(&mut self, is_kept: bool, told: impl FnOnce() -> String) {
        if !is_kept {
            self.broken.push(told());
        }
    }
}

/// True if `arrived` is `request`, with no more than a client's own headers added.
fn is_as_told(mut arrived: &[u8], request: &Request<Bytes>) -> bool {
    let Ok(seen) = RawRequest::read(&mut arrived) else { return false };
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let is_header_as_told = request.headers().keys().all(|name| {
        let seen = seen.headers.iter().filter(|(seen, _)| seen == name.as_str()).map(|(_, value)| value.as_bytes());
        seen.eq(request.headers().get_all(name).iter().map(http::HeaderValue::as_bytes))
    });
    seen.line == format!("{} {target} HTTP/1.1", request.method())
        && seen.header("host") == request.uri().authority().map(http::uri::Authority::as_str)
        && is_header_as_told
        && seen.body == **request.body()
}

/// Returns the number of times that `text` occurs in `bytes`.
fn count(bytes: &[u8], text: &str) -> usize {
    bytes.windows(text.len()).filter(|part| *part == text.as_bytes()).count()
}

fn claim(outcome: Option<&Result<Response<Bytes>, TransportError>>) -> String {
    let claim = match outcome {
        None => "nothing".to_owned(),
        Some(Ok(reply)) => format!("a reply with HTTP {} and {} bytes", reply.status().as_u16(), reply.body().len()),
        Some(Err(error)) => error.to_string(),
    };
    format!("the transport claims: {claim}")
}

/// Returns all that an error prints, its sources included.
fn printed(error: &TransportError) -> String {
    let causes: Vec<_> =
        successors(Some(error as &dyn Error), |&error| error.source()).map(ToString::to_string).collect();
    format!("{error:?} {}", causes.concat())
}
