//! The constants of an operation: whose it is, where it lives, how it is sent, and when it may be sent again.

use std::fmt;

/// The constants of an operation, made by [`new`](Self::new) and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The vendor that offers it.
    pub vendor: Vendor,
    /// The name under which this project knows it, such as `order_report`.
    pub name: &'static str,
    /// The title in the vendor's document, such as 爱流量回传订购业务.
    pub title: &'static str,
    /// Its place below the vendor's base URL.
    pub path: Path,
    /// The encoding of its parameters, and by that the HTTP method.
    pub encoding: Encoding,
    /// True where a client may be told to use another encoding, because the vendor documents none or several.
    pub encoding_selectable: bool,
    /// The proof that the client adds to the parameters.
    pub access: Access,
    /// The rule for calls that got no usable reply.
    pub repeat: Repeat,
}

impl Operation {
    /// An operation that takes JSON, with what its vendor asks of most calls (微厅: the token; 粉丝万岁: the signature),
    /// and that is never sent again after a lost reply.
    pub const fn new(vendor: Vendor, name: &'static str, title: &'static str, path: Path) -> Self {
        let access = match vendor {
            Vendor::Weiting => Access::Token,
            Vendor::Fensi => Access::Signature,
        };
        Self {
            vendor,
            name,
            title,
            path,
            encoding: Encoding::Json,
            encoding_selectable: false,
            access,
            repeat: Repeat::Write,
        }
    }

    /// The parameters travel so.
    #[must_use]
    pub const fn encoded(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// A client may be told to use another encoding.
    #[must_use]
    pub const fn in_any_encoding(mut self) -> Self {
        self.encoding_selectable = true;
        self
    }

    /// The client adds this to the parameters.
    #[must_use]
    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// This may be done when no usable reply arrives.
    #[must_use]
    pub const fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }
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

/// The place of an operation below its vendor's base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// The documented path.
    Fixed(&'static str),
    /// The vendor documents no path; the client's configuration names one under this key.
    Configured(&'static str),
}

/// The encoding of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// In the query of a GET.
    Query,
    /// As `application/x-www-form-urlencoded` in the body of a POST.
    Form,
    /// As a JSON object in the body of a POST.
    Json,
}

/// The proof that a client adds to an operation's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: the request carries what it needs.
    Open,
    /// The `access_token`, in the query.
    Token,
    /// The developer's appid, a stamp and its signature, among the parameters.
    Signature,
}

/// The rule for a call that got no usable reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// It may be sent again after a lost reply.
    Safe,
    /// It may be sent again, but each attempt costs a place in the vendor's daily limit.
    Counted,
    /// The code or ticket that was handed in may be spent: never sent again after a lost reply.
    Once,
    /// Something happens at the vendor: never sent again after a lost reply.
    Write,
}
