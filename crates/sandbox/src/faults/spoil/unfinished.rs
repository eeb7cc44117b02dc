//! A body that ends before it should.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame};

/// The end of a body that is not whole.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// With its connection, in the middle of what was announced.
    BreakOff,
    /// As if it were whole: nothing was announced.
    AsIfWhole,
}

/// Says nothing of its own length.
pub(super) struct Unfinished {
    part: Option<Bytes>,
    written: bool,
    end: End,
}

impl Unfinished {
    pub(super) fn new(part: Bytes, end: End) -> Self {
        Self { part: Some(part).filter(|part| !part.is_empty()), written: false, end }
    }
}

/// Has the server close the connection.
#[derive(Debug)]
pub(super) struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body breaks off on purpose")
    }
}

impl std::error::Error for BrokenOff {}

impl Body for Unfinished {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        match self.end {
            End::AsIfWhole => Poll::Ready(None),
            End::BreakOff if self.written => Poll::Ready(Some(Err(BrokenOff))),
            End::BreakOff => {
                // The server writes out what it has before it asks again.
                self.written = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}
