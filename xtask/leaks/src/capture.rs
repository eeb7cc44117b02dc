//! What a channel printed, piece by piece, and who may be named in it.

use std::error::Error;
use std::fmt::{Debug, Display, Write};

use crate::canary::Secret;

/// All that came out of a channel.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    pub(crate) pieces: Vec<Piece>,
    /// The signatures that were made meanwhile, and may not be printed either.
    pub(crate) signatures: Vec<String>,
}

/// Bytes, and where they came from.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) from: String,
    pub(crate) bytes: Vec<u8>,
    /// What may stand here: the fields of an answer on stdout.
    pub(crate) allowed: &'static [Secret],
}

impl Capture {
    /// Adds a piece in which no canary may be.
    pub(crate) fn add(&mut self, from: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.add_with(from, bytes, &[]);
    }

    /// Adds a piece in which `allowed` may be.
    pub(crate) fn add_with(&mut self, from: impl Into<String>, bytes: impl Into<Vec<u8>>, allowed: &'static [Secret]) {
        self.pieces.push(Piece { from: from.into(), bytes: bytes.into(), allowed });
    }

    /// Adds all that came out elsewhere.
    pub(crate) fn extend(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
        self.signatures.extend(other.signatures);
    }

    pub(crate) fn bytes(&self) -> usize {
        self.pieces.iter().map(|piece| piece.bytes.len()).sum()
    }
}

/// A value in both forms of `Debug`.
pub(crate) fn debugged(value: &(impl Debug + ?Sized)) -> String {
    format!("{value:?}\n{value:#?}\n")
}

/// A value in `Display` too.
pub(crate) fn displayed(value: &(impl Debug + Display + ?Sized)) -> String {
    format!("{value}\n{value:#}\n{}", debugged(value))
}

/// An error and all its sources, in every form.
pub(crate) fn told(error: &(dyn Error + 'static)) -> String {
    let mut text = displayed(error);
    let mut source = error.source();
    while let Some(error) = source {
        let _ = write!(text, "source: {}", displayed(error));
        source = error.source();
    }
    text
}
