//! The place of a value in a document.

use std::fmt;

/// Maximum length in bytes of a name that is shown.
const LONGEST: usize = 40;
/// Maximum number of digits in a name that is shown: more may be a person's number.
const MOST_DIGITS: usize = 4;

/// A place in a JSON document: the steps from the root.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Root,
    Field(&'a Place<'a>, &'a str),
    Element(&'a Place<'a>),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("."),
            Self::Field(Self::Root, name) => f.write_str(shown(name)),
            Self::Field(parent, name) => write!(f, "{parent}.{}", shown(name)),
            Self::Element(Self::Root) => f.write_str("[]"),
            Self::Element(parent) => write!(f, "{parent}[]"),
        }
    }
}

/// Returns a field's name if it looks like one that a programmer chose, else `?`: it may be a value.
fn shown(name: &str) -> &str {
    let is_identifier = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    if is_identifier && name.len() <= LONGEST && digits <= MOST_DIGITS { name } else { "?" }
}
