//! An operation as a value: constants that describe it, and two pure functions, from a request to ordered parameters and
//! from a reply's bytes to an answer or a refusal.

use crate::{KnownRefusal, NoAnswer, Operation, Parameters, Shape};

/// One operation of a vendor, as the value that asks for it.
///
/// A client adds what every call of its vendor carries (a token, a signature), encodes the parameters, sends them, and
/// hands the reply's body to [`answer`](Self::answer). Nothing in between asks which operation it holds.
///
/// The type of a request is called like its operation, with `Request` behind it: `order_report` is asked for by
/// `OrderReportRequest`. The type of an answer is called after what it holds, and never ends so.
pub trait Endpoint: Send + Sync {
    /// The value that the vendor answers with when it does what it was asked for.
    type Answer: Send;

    /// The constants of every call of this operation.
    const OPERATION: Operation;

    /// The names of the parameters that [`parameters`](Self::parameters) may hold, in the order in which they are sent.
    const PARAMETERS: &'static [&'static str] = &[];

    /// The documented shape of an answer. An answer of another shape fails nothing; it is reported to the
    /// [`DriftObserver`](crate::DriftObserver).
    const DOCUMENTED: Shape = Shape::Any;

    /// The refusals known of this operation, beside those that its vendor gives at any.
    const REFUSALS: &'static [KnownRefusal] = &[];

    /// The request's parameters, in the order in which they are sent.
    fn parameters(&self) -> Parameters<'_>;

    /// Reads a reply's body.
    ///
    /// # Errors
    /// [`NoAnswer::Refused`] when the vendor said no, [`NoAnswer::Undecodable`] when the body is no answer of this
    /// operation.
    fn answer(body: &[u8]) -> Result<Self::Answer, NoAnswer>;
}
