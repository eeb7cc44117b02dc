//! What the server does on a connection, byte for byte, and the server that does it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;

use crate::support::Listening;

/// Longer than anyone waits.
const NEVER: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(super) enum Step {
    /// Waits for the whole request.
    Read,
    /// Waits until there is something to read, and leaves it there.
    Peek,
    Send(Arc<[u8]>),
    Pause(Duration),
    /// One byte each tenth of a second.
    Drip(Arc<[u8]>),
    /// Over and over, until nobody listens.
    Endless(Arc<[u8]>),
    /// Over and over, a tenth of a second between them.
    EndlessDrip(Arc<[u8]>),
    /// RST.
    Reset,
    /// Nothing more, for longer than anyone waits.
    Hang,
}

impl Step {
    pub(super) fn send(bytes: impl AsRef<[u8]>) -> Self {
        Self::Send(bytes.as_ref().into())
    }
}

/// What one connection gets.
pub(super) enum Turn {
    /// A token, which is not what is looked at.
    Token(Vec<Step>),
    Looked(Vec<Step>),
}

/// A server that gives each connection its turn; to all after those, the last one's. It ends when it is dropped.
pub(super) struct FaultyServer {
    listening: Listening,
    shared: Arc<Shared>,
}

struct Shared {
    turns: Vec<Turn>,
    connections: AtomicUsize,
    seen: Seen,
}

/// What came of the turns that are looked at.
#[derive(Default)]
struct Seen {
    arrived: AtomicUsize,
    offered: AtomicUsize,
}

impl FaultyServer {
    pub(super) fn start(turns: Vec<Turn>) -> Self {
        let shared = Arc::new(Shared { turns, connections: AtomicUsize::new(0), seen: Seen::default() });
        let kept = Arc::clone(&shared);
        Self { listening: Listening::start(move |stream| shared.serve(&stream)), shared: kept }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.listening.address())
    }

    /// How many requests arrived, but for the token's where that is not looked at.
    pub(super) fn arrived(&self) -> usize {
        self.shared.seen.arrived.load(Ordering::SeqCst)
    }

    /// How many of them were offered all that there is for them, to its last step.
    pub(super) fn offered(&self) -> usize {
        self.shared.seen.offered.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn serve(&self, stream: &TcpStream) {
        let number = self.connections.fetch_add(1, Ordering::SeqCst);
        stream.set_read_timeout(Some(NEVER)).unwrap();
        stream.set_write_timeout(Some(NEVER)).unwrap();
        stream.set_nodelay(true).unwrap();
        let turn = self.turns.get(number).or(self.turns.last()).unwrap();
        // A client that has seen enough goes away.
        let _ = match turn {
            Turn::Token(steps) => play(stream, steps, &Seen::default()),
            Turn::Looked(steps) => play(stream, steps, &self.seen),
        };
    }
}

fn play(mut stream: &TcpStream, steps: &[Step], seen: &Seen) -> std::io::Result<()> {
    const TENTH: Duration = Duration::from_millis(100);
    for (step, left) in steps.iter().zip((0..steps.len()).rev()) {
        if left == 0 {
            seen.offered.fetch_add(1, Ordering::SeqCst);
        }
        match step {
            Step::Read => {
                seen.arrived.fetch_add(usize::from(read(stream)?), Ordering::SeqCst);
                0
            }
            Step::Peek => {
                seen.arrived.fetch_add(usize::from(stream.peek(&mut [0])? > 0), Ordering::SeqCst);
                0
            }
            Step::Send(bytes) => stream.write_all(bytes).map(|()| 0)?,
            Step::Pause(time) => {
                thread::sleep(*time);
                0
            }
            Step::Drip(bytes) => {
                for byte in bytes.chunks(1) {
                    stream.write_all(byte)?;
                    thread::sleep(TENTH);
                }
                0
            }
            Step::Endless(bytes) => repeat(|| stream.write_all(bytes))?,
            Step::EndlessDrip(bytes) => repeat(|| {
                thread::sleep(TENTH);
                stream.write_all(bytes)
            })?,
            Step::Reset => return Ok(set_socket_linger(stream, Some(Duration::ZERO))?),
            Step::Hang => stream.read(&mut [0])?,
        };
    }
    stream.shutdown(Shutdown::Write)?;
    // Not before the client has: what it still sends must not be answered by a reset.
    while stream.read(&mut [0; 1024])? > 0 {}
    Ok(())
}

/// Until nobody listens, or nobody may any more.
fn repeat(mut send: impl FnMut() -> std::io::Result<()>) -> std::io::Result<usize> {
    let begun = Instant::now();
    while begun.elapsed() < NEVER {
        send()?;
    }
    Ok(0)
}

/// Reads a request to its end; whether one came.
fn read(mut stream: &TcpStream) -> std::io::Result<bool> {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    loop {
        if let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let body: usize = length.map_or(0, |length| length.parse().unwrap());
            if request.len() >= end + 4 + body {
                return Ok(true);
            }
        }
        match stream.read(&mut part)? {
            0 => return Ok(false),
            count => request.extend_from_slice(&part[..count]),
        }
    }
}
