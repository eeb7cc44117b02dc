//! A reply's body as it arrives, up to a cap.

use bytes::{Bytes, BytesMut};

use crate::BodyFault;

/// Chunks of a body. The only chunk of a body is not copied.
pub(crate) struct CappedBody {
    cap: usize,
    announced: Option<u64>,
    first: Bytes,
    all: BytesMut,
}

impl CappedBody {
    /// Begins a body of the `announced` length in bytes, where that is known.
    ///
    /// # Errors
    /// [`BodyFault::TooLarge`] if the announced length exceeds the cap.
    pub(crate) fn new(cap: usize, announced: Option<u64>) -> Result<Self, BodyFault> {
        if announced.is_some_and(|announced| announced > cap as u64) {
            return Err(BodyFault::TooLarge { cap });
        }
        Ok(Self { cap, announced, first: Bytes::new(), all: BytesMut::new() })
    }

    /// Adds a chunk.
    ///
    /// # Errors
    /// [`BodyFault::TooLarge`] if the body exceeds the cap.
    pub(crate) fn push(&mut self, chunk: Bytes) -> Result<(), BodyFault> {
        if self.length() + chunk.len() > self.cap {
            return Err(BodyFault::TooLarge { cap: self.cap });
        }
        if self.length() == 0 {
            self.first = chunk;
        } else {
            if self.all.is_empty() {
                self.all.extend_from_slice(&self.first);
            }
            self.all.extend_from_slice(&chunk);
        }
        Ok(())
    }

    /// Returns true where all announced bytes are here.
    pub(crate) fn is_whole(&self) -> bool {
        self.announced == Some(self.length() as u64)
    }

    /// Returns the body.
    pub(crate) fn into_bytes(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }

    fn length(&self) -> usize {
        self.first.len().max(self.all.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_become_one_body_and_the_only_chunk_is_taken_as_it_is() {
        let mut body = CappedBody::new(6, Some(6)).unwrap();
        let first = Bytes::from(vec![b'a', b'b']);
        let at = first.as_ptr();
        body.push(first).unwrap();
        assert!(!body.is_whole());
        for chunk in [&b""[..], b"cd", b"ef"] {
            body.push(Bytes::from_static(chunk)).unwrap();
        }
        assert!(body.is_whole());
        assert_eq!(body.push(Bytes::from_static(b"g")), Err(BodyFault::TooLarge { cap: 6 }));
        assert_eq!(body.into_bytes(), "abcdef");

        let mut body = CappedBody::new(6, None).unwrap();
        body.push(Bytes::new()).unwrap();
        let only = Bytes::from(vec![b'x'; 6]);
        let moved = only.as_ptr();
        body.push(only).unwrap();
        assert!(!body.is_whole(), "no length was announced");
        assert_eq!(body.into_bytes().as_ptr(), moved);
        assert_ne!(at, moved);
    }

    #[test]
    fn an_announced_length_above_the_cap_is_refused_at_once() {
        assert_eq!(CappedBody::new(6, Some(7)).err(), Some(BodyFault::TooLarge { cap: 6 }));
        assert!(CappedBody::new(0, Some(0)).unwrap().is_whole());
    }
}
