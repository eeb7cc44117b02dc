//! Signatures, against those that PHP makes and against any text.

#![expect(clippy::disallowed_methods, reason = "the vectors are a file")]

mod vectors;
mod verification;
