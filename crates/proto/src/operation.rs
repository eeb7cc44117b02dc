//! The constants of an operation: its vendor and path, its encoding, and the rule for repetitions.

use std::fmt;

/// Constants of an operation, made by [`new`](Self::new) and its other methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Vendor of the operation.
    pub vendor: Vendor,
    /// Name in this project, such as `order_report`.
    pub name: &'static str,
    /// Title in the vendor's document, such as 爱流量回传订购业务.
    pub title: &'static str,
    /// Path below the vendor's base URL.
    pub path: Path,
    /// Encoding of the parameters, which decides the HTTP method.
    pub encoding: Encoding,
    /// True where a client may be set to another encoding, because the vendor documents none or several.
    pub encoding_selectable: bool,
    /// Proof that the client adds to the parameters.
    pub access: Access,
    /// Rule for calls that got no usable reply.
    pub repeat: Repeat,
}

impl Operation {
    /// Creates an operation in JSON, with the usual proof of its vendor (微厅: the token; 粉丝万岁: the signature), which is
    /// never sent again after a lost reply.
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

    /// Sets the encoding of the parameters.
    #[must_use]
    pub const fn encoded(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Lets a client choose another encoding.
    #[must_use]
    pub const fn in_any_encoding(mut self) -> Self {
        self.encoding_selectable = true;
        self
    }

    /// Sets the proof that the client adds to the parameters.
    #[must_use]
    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Sets the rule for calls that got no usable reply.
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

/// Vendor of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vendor {
    /// 微厅, Shanghai Telecom's micro-hall.
    Weiting,
    /// 粉丝万岁, a fan-acquisition platform.
    Fensi,
}

impl Vendor {
    /// Returns the vendor's name in this project.
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

/// Path of an operation below its vendor's base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// The documented path.
    Fixed(&'static str),
    /// An undocumented path; the client's configuration sets it under this key.
    Configured(&'static str),
}

/// Encoding of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// In the query of a GET.
    Query,
    /// As `application/x-www-form-urlencoded` in the body of a POST.
    Form,
    /// As a JSON object in the body of a POST.
    Json,
}

/// Proof that a client adds to an operation's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: the request carries its own proof.
    Open,
    /// The `access_token`, in the query.
    Token,
    /// The developer's appid, a stamp and its signature, as parameters.
    Signature,
}

/// Rule for a call that got no usable reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// The call may be sent again after a lost reply.
    Safe,
    /// The call may be sent again, but each attempt counts against the vendor's daily limit.
    Counted,
    /// The call may have used up its code or ticket: never sent again after a lost reply.
    Once,
    /// The call has an effect at the vendor: never sent again after a lost reply.
    Write,
}
