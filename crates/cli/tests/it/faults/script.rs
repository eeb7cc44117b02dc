//! The server's steps on a connection, byte for byte, and the server that takes them.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::{Connection, RawServer};

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
    /// Nothing more, until the client goes away.
    Hang,
}

impl Step {
    pub(super) fn send(bytes: impl AsRef<[u8]>) -> Self {
        Self::Send(bytes.as_ref().into())
    }
}

/// The script of one connection.
pub(super) enum Turn {
    /// A token's reply, which is not counted.
    Token(Vec<Step>),
    Looked(Vec<Step>),
}

/// A server that gives each connection its turn; to all after those, the last one's. It ends when it is dropped.
pub(super) struct FaultyServer {
    server: RawServer,
    shared: Arc<Shared>,
}

struct Shared {
    turns: Vec<Turn>,
    seen: Seen,
}

/// Counters of the turns that are counted.
#[derive(Default)]
struct Seen {
    arrived: AtomicUsize,
    offered: AtomicUsize,
}

impl FaultyServer {
    pub(super) fn start(turns: Vec<Turn>) -> Self {
        let shared = Arc::new(Shared { turns, seen: Seen::default() });
        let kept = Arc::clone(&shared);
        Self { server: RawServer::start(move |connection| shared.serve(connection)).unwrap(), shared: kept }
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    /// Number of requests that arrived, but for uncounted ones for the token.
    pub(super) fn arrived(&self) -> usize {
        self.shared.seen.arrived.load(Ordering::SeqCst)
    }

    /// Number of them that reached the last step of their script.
    pub(super) fn offered(&self) -> usize {
        self.shared.seen.offered.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn serve(&self, connection: &mut Connection) -> io::Result<()> {
        match self.turns.get(connection.number()).or(self.turns.last()).unwrap() {
            Turn::Token(steps) => play(connection, steps, &Seen::default()),
            Turn::Looked(steps) => play(connection, steps, &self.seen),
        }
    }
}

fn play(connection: &mut Connection, steps: &[Step], seen: &Seen) -> io::Result<()> {
    const TENTH: Duration = Duration::from_millis(100);
    for (step, left) in steps.iter().zip((0..steps.len()).rev()) {
        if left == 0 {
            seen.offered.fetch_add(1, Ordering::SeqCst);
        }
        match step {
            Step::Read => {
                connection.request()?;
                seen.arrived.fetch_add(1, Ordering::SeqCst);
            }
            Step::Peek => {
                connection.wait()?;
                seen.arrived.fetch_add(1, Ordering::SeqCst);
            }
            Step::Send(bytes) => connection.write_all(bytes)?,
            Step::Pause(time) => thread::sleep(*time),
            Step::Drip(bytes) => {
                for byte in bytes.chunks(1) {
                    connection.write_all(byte)?;
                    thread::sleep(TENTH);
                }
            }
            Step::Endless(bytes) => connection.flood(bytes, usize::MAX)?,
            Step::EndlessDrip(bytes) => loop {
                thread::sleep(TENTH);
                connection.write_all(bytes)?;
            },
            Step::Reset => connection.reset()?,
            Step::Hang => connection.hang()?,
        }
    }
    Ok(())
}
