//! The error of a body that is no answer. It repeats no byte of the body.

use std::fmt;

/// Error of a body that is no answer of its operation, or no push. The call may have had its effect.
///
/// It names the place and the expectation, never the found value: an answer may hold tokens and numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undecodable {
    /// The body is empty.
    Empty,
    /// The body is an HTML page or another markup document.
    Html,
    /// The body is not UTF-8 and can't be repaired.
    NotUtf8 {
        /// True where the bytes are GBK, the other encoding seen in China, or a relative of it. The content is not
        /// guessed.
        looks_like_gbk: bool,
    },
    /// The body is no JSON document, or nested too deeply.
    NotJson {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault in bytes, from 1; 0 at the end of the line before.
        column: usize,
    },
    /// The body is neither JSON nor a form, so it is no push.
    NeitherJsonNorForm,
    /// The body is JSON, but has not the shape of an answer.
    Shape {
        /// JSON path of the fault, such as `data.bidding`; `.` is the whole document.
        path: String,
        /// The expectation at this path.
        problem: String,
    },
    /// The body has the shape of an answer, but holds an impossible value.
    Value {
        /// JSON path of the value.
        path: &'static str,
        /// The expectation at this path.
        expected: &'static str,
    },
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the body is empty"),
            Self::Html => f.write_str("the body is an HTML or XML page, not JSON"),
            Self::NotUtf8 { looks_like_gbk: true } => f.write_str("the body is not UTF-8; it looks like GBK"),
            Self::NotUtf8 { looks_like_gbk: false } => f.write_str("the body is not UTF-8"),
            Self::NotJson { line, column } => {
                write!(f, "the body is not JSON (line {line}, column {column})")
            }
            Self::NeitherJsonNorForm => f.write_str("the body is neither JSON nor a form"),
            Self::Shape { path, problem } => write!(f, "at {path}: {problem}"),
            Self::Value { path, expected } => write!(f, "at {path}: expected {expected}"),
        }
    }
}

impl std::error::Error for Undecodable {}
