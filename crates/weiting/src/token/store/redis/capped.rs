//! A stream with a cap on the bytes that one operation reads, whatever the server sends.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// Number of bytes that one operation reads at most: hundreds of records and ledgers. Parsed, they may take thirty
/// times as much memory.
pub(super) const CAP: usize = 256 << 10;

/// A stream that fails once more than [`CAP`] bytes came.
pub(super) struct Capped<S> {
    stream: S,
    left: usize,
    is_exceeded: Exceeded,
}

/// Flag that is set once more than [`CAP`] bytes came.
#[derive(Clone, Default)]
pub(super) struct Exceeded(Arc<AtomicBool>);

impl Exceeded {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl<S> Capped<S> {
    pub(super) fn new(stream: S, is_exceeded: Exceeded) -> Self {
        Self { stream, left: CAP, is_exceeded }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Capped<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, into))?;
        let Some(left) = self.left.checked_sub(into.filled().len() - before) else {
            self.is_exceeded.0.store(true, Ordering::Release);
            return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
        };
        self.left = left;
        Poll::Ready(Ok(()))
    }
}
