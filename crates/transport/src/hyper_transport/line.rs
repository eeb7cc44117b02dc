//! A TCP connection that is looked at before a request is written to it.

use std::io::{self, ErrorKind, IoSlice, Read as _};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::net::TcpStream;

/// Time after which a connection may have been closed without the runtime having noticed: it was busy, or the machine
/// slept.
const REST: Duration = Duration::from_millis(100);

/// Maximum number of bytes that a server says before it closes: TLS's farewell is shorter.
const FAREWELL: usize = 512;

/// A connection whose socket is asked itself, once it has rested. hyper reads before it writes a request, so it sees
/// that the server has closed the connection and hands the request back. Otherwise it would write, and nobody who
/// writes to a closed connection can know whether the request was read.
pub(super) struct Line {
    stream: TokioIo<TcpStream>,
    last_read: Option<Instant>,
}

impl Line {
    pub(super) fn new(stream: TokioIo<TcpStream>) -> Self {
        Self { stream, last_read: None }
    }

    /// Reads from the socket, whatever the runtime knows of it.
    fn ask(&self, bytes: &mut [u8]) -> io::Result<usize> {
        (&*SockRef::from(self.stream.inner())).read(bytes)
    }
}

impl Read for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.last_read.is_some_and(|last| last.elapsed() >= REST) {
            let mut bytes = [0; FAREWELL];
            let most = buffer.remaining().min(FAREWELL);
            match self.ask(&mut bytes[..most]) {
                Ok(length) => {
                    buffer.put_slice(&bytes[..length]);
                    self.last_read = Some(Instant::now());
                    return Poll::Ready(Ok(()));
                }
                Err(error) if [ErrorKind::WouldBlock, ErrorKind::Interrupted].contains(&error.kind()) => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        let outcome = Pin::new(&mut self.stream).poll_read(context, buffer);
        if outcome.is_ready() {
            self.last_read = Some(Instant::now());
        }
        outcome
    }
}

impl Write for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
