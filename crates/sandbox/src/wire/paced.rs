//! A body that goes out whole, a few bytes at a time, or byte by byte.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Interval, interval};

/// So many bytes go out at a time of a body that takes a time given.
const PIECE: usize = 8;

pub(crate) struct Paced {
    rest: Bytes,
    piece: usize,
    /// Times at which the next piece may go; none for a body that goes out whole.
    ticks: Option<Interval>,
}

impl Paced {
    /// The first piece goes at once, the last after `over`.
    pub(crate) fn over(body: Bytes, over: Duration) -> Self {
        let pauses = body.len().div_ceil(PIECE).saturating_sub(1).max(1);
        let pause = over / u32::try_from(pauses).unwrap_or(u32::MAX);
        Self { rest: body, piece: PIECE, ticks: (!pause.is_zero()).then(|| interval(pause)) }
    }

    /// One byte at once, and each further one after this pause, which is longer than nothing.
    pub(crate) fn drip(body: Bytes, pause: Duration) -> Self {
        Self { rest: body, piece: 1, ticks: Some(interval(pause)) }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let (left, most) = (self.rest.len(), self.piece);
        if left == 0 {
            return Poll::Ready(None);
        }
        let piece = match &mut self.ticks {
            None => left,
            Some(ticks) => {
                ready!(ticks.poll_tick(context));
                left.min(most)
            }
        };
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
