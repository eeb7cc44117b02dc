//! The output of a channel, piece by piece, with the secrets that each piece may hold.

use std::error::Error;
use std::fmt::{Debug, Display, Write};

use crate::canary::Secret;

/// All output of a channel.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    pub(crate) pieces: Vec<Piece>,
    /// Signatures made meanwhile, which must not be printed either.
    pub(crate) signatures: Vec<String>,
}

/// Bytes, with their origin.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) from: String,
    pub(crate) bytes: Vec<u8>,
    /// Secrets that may be here: the fields of an answer on stdout.
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

    /// Adds the output of another capture.
    pub(crate) fn extend(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
        self.signatures.extend(other.signatures);
    }
}

/// Returns a value in both forms of `Debug`.
pub(crate) fn debugged(value: &(impl Debug + ?Sized)) -> String {
    format!("{value:?}\n{value:#?}\n")
}

/// Returns a value in `Display` and `Debug`.
pub(crate) fn displayed(value: &(impl Debug + Display + ?Sized)) -> String {
    format!("{value}\n{value:#}\n{}", debugged(value))
}

/// Returns an error and all its sources, in every form.
pub(crate) fn told(error: &(dyn Error + 'static)) -> String {
    let mut text = displayed(error);
    let mut source = error.source();
    while let Some(error) = source {
        let _ = write!(text, "source: {}", displayed(error));
        source = error.source();
    }
    text
}
