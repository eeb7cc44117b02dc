//! A partner's receiver of pushes in its plainest form: blocking sockets, bytes as they came.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use serde_json::Value;

/// Far longer than anything takes here: only a push that never comes meets it.
pub(crate) const SOON: Duration = Duration::from_secs(10);

pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        header(&self.head, name)
    }
}

/// A listener, and the push URL that leads to it.
pub(crate) fn bind() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/push/here?from=fensi", listener.local_addr().unwrap());
    (listener, url)
}

/// Listens for pushes, answers each with the status given, and hands it on.
pub(crate) fn listen_for_pushes(status: u16) -> (String, Receiver<Received>) {
    let (listener, url) = bind();
    let (sender, pushes) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let received = read(&mut stream);
            answer(&mut stream, status);
            if sender.send(received).is_err() {
                return;
            }
        }
    });
    (url, pushes)
}

pub(crate) fn read(stream: &mut TcpStream) -> Received {
    let mut received = read_head(stream);
    let length: usize = received.header("content-length").parse().unwrap();
    let mut rest = vec![0; length - received.body.len()];
    stream.read_exact(&mut rest).unwrap();
    received.body.extend(rest);
    received
}

/// Reads the head, and as much of the body as came along with it.
pub(crate) fn read_head(stream: &mut TcpStream) -> Received {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).unwrap();
        assert!(read > 0, "the request broke off");
        bytes.extend_from_slice(&chunk[..read]);
        if let Some(end) = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            return Received { head, body: bytes[end + 4..].to_vec() };
        }
    }
}

pub(crate) fn answer(stream: &mut TcpStream, status: u16) {
    let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
    stream.write_all(answer.as_bytes()).unwrap();
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    fields.find(|(found, _)| found.eq_ignore_ascii_case(name)).expect("the header").1
}
