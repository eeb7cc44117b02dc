//! An operation as a value: constants that describe it, and two pure functions, from a request to ordered parameters
//! and from a reply's body to an answer or a refusal.

use crate::{KnownRefusal, NoAnswer, Operation, Parameters, Shape};

/// One operation of a vendor; a value of the type is a request.
///
/// A client adds the parameters of every call to its vendor (a token, a signature), encodes the parameters, sends
/// them, and passes the reply's body to [`answer`](Self::answer). No step in between depends on the operation.
///
/// A request type is named after its operation, with the suffix `Request`: `order_report` has `OrderReportRequest`. An
/// answer type is named after its content, without a suffix.
pub trait Endpoint: Send + Sync {
    /// The answer of a successful call.
    type Answer: Send;

    /// Constants of every call of this operation.
    const OPERATION: Operation;

    /// Names of the parameters that [`parameters`](Self::parameters) may hold, in the order in which they are sent.
    const PARAMETERS: &'static [&'static str] = &[];

    /// Documented shape of an answer. Another shape fails nothing; it is reported to the
    /// [`DriftObserver`](crate::DriftObserver).
    const DOCUMENTED: Shape = Shape::Any;

    /// Known refusals of this operation, in addition to those that its vendor gives at any operation.
    const REFUSALS: &'static [KnownRefusal] = &[];

    /// Returns the request's parameters, in the order in which they are sent.
    fn parameters(&self) -> Parameters<'_>;

    /// Decodes a reply's body.
    ///
    /// # Errors
    /// [`NoAnswer::Refused`] where the vendor refused, [`NoAnswer::Undecodable`] where the body is no answer of this
    /// operation.
    fn answer(body: &[u8]) -> Result<Self::Answer, NoAnswer>;
}
