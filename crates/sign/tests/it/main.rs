//! Signatures, against those that PHP makes and against any text.

mod vectors;
mod verification;
