//! The catalogue of a vendor's operations, for code that goes through all of them and sends none.

use serde::Serialize;

use crate::{Endpoint, KnownRefusal, NoAnswer, Operation, Shape, Undecodable};

/// An operation without a request: its constants and the decoder of its answer.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Entry {
    /// [`Endpoint::OPERATION`].
    pub operation: &'static Operation,
    /// [`Endpoint::PARAMETERS`].
    pub parameters: &'static [&'static str],
    /// [`Endpoint::DOCUMENTED`].
    pub shape: Shape,
    /// [`Endpoint::REFUSALS`].
    pub refusals: &'static [KnownRefusal],
    /// [`Endpoint::answer`], whose answer is returned as JSON under the wire's names.
    pub read: fn(&[u8]) -> Result<serde_json::Value, NoAnswer>,
}

const UNWRITABLE: Undecodable = Undecodable::Value { path: ".", expected: "an answer that can be written as JSON" };

impl Entry {
    /// Returns the entry of `E`.
    pub const fn of<E: Endpoint<Answer: Serialize>>() -> Self {
        Self {
            operation: const { &E::OPERATION },
            parameters: E::PARAMETERS,
            shape: E::DOCUMENTED,
            refusals: E::REFUSALS,
            read: |body| serde_json::to_value(E::answer(body)?).map_err(|_| UNWRITABLE.into()),
        }
    }
}
