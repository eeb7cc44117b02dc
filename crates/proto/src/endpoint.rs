//! What an operation is: constants that describe it, and two pure functions, from a request to ordered parameters and
//! from a reply's bytes to an answer or a refusal.

use std::fmt;

use crate::{NoAnswer, Parameters, Shape};

/// One operation of a vendor, as the value that asks for it.
///
/// A client adds what every call of its vendor carries (a token, a signature), encodes the parameters, sends them, and
/// hands the reply's body to [`answer`](Self::answer). Nothing in between asks which operation it holds.
pub trait Endpoint: Send + Sync {
    /// What the vendor answers when it does what it was asked for.
    type Answer: Send;

    /// What is the same for every call of this operation.
    const OPERATION: Operation;

    /// What an answer is documented to look like. Nothing fails where it looks otherwise; it is told to who watches.
    const DOCUMENTED: Shape = Shape::Any;

    /// The request's parameters, in the order in which they are sent.
    fn parameters(&self) -> Parameters<'_>;

    /// Reads a reply's body.
    ///
    /// # Errors
    /// [`NoAnswer::Refused`] when the vendor said no, [`NoAnswer::Undecodable`] when the body is no answer of this
    /// operation.
    fn answer(body: &[u8]) -> Result<Self::Answer, NoAnswer>;
}

/// The constants of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Whose operation it is.
    pub vendor: Vendor,
    /// The name under which this project knows it, such as `order_report`.
    pub name: &'static str,
    /// The title in the vendor's document, such as 爱流量回传订购业务.
    pub title: &'static str,
    /// Where it lives below the vendor's base URL.
    pub path: Path,
    /// How its parameters travel, and by that the HTTP method.
    pub encoding: Encoding,
    /// Whether a client may be told to use another encoding, because the vendor documents none or several.
    pub encoding_selectable: bool,
    /// What the client adds to the parameters.
    pub access: Access,
    /// What may be done when no usable reply arrives.
    pub repeat: Repeat,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.vendor, self.name, self.title)
    }
}

/// The vendor of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vendor {
    /// 微厅, Shanghai Telecom's micro-hall.
    Weiting,
    /// 粉丝万岁, a fan-acquisition platform.
    Fensi,
}

impl Vendor {
    /// The name under which this project knows the vendor.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Weiting => "weiting",
            Self::Fensi => "fensi",
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where an operation lives below its vendor's base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// The documented path.
    Fixed(&'static str),
    /// The vendor documents no path; the client's configuration names one under this key.
    Configured(&'static str),
}

/// How parameters travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// In the query of a GET.
    Query,
    /// As `application/x-www-form-urlencoded` in the body of a POST.
    Form,
    /// As a JSON object in the body of a POST.
    Json,
}

/// What a client adds to an operation's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: the request carries what it needs.
    Open,
    /// The `access_token`, in the query.
    Token,
    /// The developer's appid, a stamp and its signature, among the parameters.
    Signature,
}

/// What may be done when a call got no usable reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// It may be sent again after a lost reply.
    Safe,
    /// It may be sent again, but each attempt costs a place in the vendor's daily limit.
    Counted,
    /// What was handed in may be spent: never sent again after a lost reply.
    Once,
    /// Something happens at the vendor: never sent again after a lost reply.
    Write,
}
