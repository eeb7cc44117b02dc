//! Compressed bodies: one that inflates to far more than it seems, and one that can't be inflated.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll},
};

use axum::{
    body::Body as AnyBody,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};
use http::header;
use hyper::body::{Body, Frame, SizeHint};

const MIB: usize = 1 << 20;
/// Magic, deflate, no flags, no time, no extras, no system.
const HEAD: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];

/// So many MiB of white space, and the answer behind them: sound gzip of sound JSON. Made of one block, again and
/// again.
pub(super) fn bomb(mib: Option<u64>, answer: &[u8]) -> Response {
    let mib = mib.unwrap_or(1024);
    let mut crc = checksum(mib);
    crc.update(answer);
    let mut tail = deflated(answer, FlushCompress::Finish);
    tail.extend(crc.sum().to_le_bytes());
    // The length stands there modulo 2³².
    tail.extend(crc.amount().to_le_bytes());
    compressed(AnyBody::new(Bomb {
        head: Some(Bytes::from_static(&HEAD)),
        block: BLOCK.clone(),
        blocks: mib,
        tail: Some(tail.into()),
    }))
}

/// A MiB of white space, deflated. To make it takes longer than all else that the sandbox does.
static BLOCK: LazyLock<Bytes> = LazyLock::new(|| deflated(&vec![b' '; MIB], FlushCompress::Full).into());

/// The sum over so many MiB of white space, by doubling.
fn checksum(mib: u64) -> Crc {
    let mut sum = Crc::new();
    let mut doubled = Crc::new();
    doubled.update(&vec![b' '; MIB]);
    let mut left = mib;
    while left > 0 {
        if left % 2 == 1 {
            sum.combine(&doubled);
        }
        let half = std::mem::replace(&mut doubled, Crc::new());
        doubled.combine(&half);
        doubled.combine(&half);
        left /= 2;
    }
    sum
}

/// The beginning of a gzip stream, and a kind of block that there is not.
pub(super) fn bad(answer: &[u8]) -> Response {
    compressed(AnyBody::from([&HEAD[..], &[0xFF; 8], answer].concat()))
}

fn compressed(body: AnyBody) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json; charset=utf-8"), (header::CONTENT_ENCODING, "gzip")];
    (headers, body).into_response()
}

/// Bare deflate that stands by itself: it can follow any other, and unless it is the end, be followed.
fn deflated(bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut deflate = Compress::new(Compression::best(), false);
    let mut out = Vec::with_capacity(bytes.len() + 64);
    // In memory, with room enough, it can't fail.
    let _ = deflate.compress_vec(bytes, &mut out, flush);
    out
}

struct Bomb {
    head: Option<Bytes>,
    block: Bytes,
    blocks: u64,
    tail: Option<Bytes>,
}

impl Body for Bomb {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match (self.head.take(), self.blocks) {
            (Some(head), _) => Some(head),
            (None, 0) => self.tail.take(),
            (None, left) => {
                self.blocks = left - 1;
                Some(self.block.clone())
            }
        };
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn size_hint(&self) -> SizeHint {
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len) as u64;
        SizeHint::with_exact(length(&self.head) + self.block.len() as u64 * self.blocks + length(&self.tail))
    }
}
