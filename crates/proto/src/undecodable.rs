//! The error of a body that is no answer, told without repeating a byte of it.

use std::fmt;

/// A body that is no answer of its operation.
///
/// It says where and what was expected, never what stood there: an answer may carry tokens and numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undecodable {
    /// The body is empty.
    Empty,
    /// The body is a page or another markup document.
    Html,
    /// The body is not UTF-8, and more than some of its text is broken.
    NotUtf8 {
        /// Whether the bytes are text in GBK, the other encoding seen in China, or a relative of it. Nothing is guessed
        /// from it.
        looks_like_gbk: bool,
    },
    /// The body is no JSON document, or nested too deeply.
    NotJson {
        /// The line of the fault, from 1.
        line: usize,
        /// The column of the fault, in bytes, from 1; 0 at the end of the line before.
        column: usize,
    },
    /// The body is neither JSON nor a form: no push is written so.
    NeitherJsonNorForm,
    /// The body is JSON of another shape than an answer's.
    Shape {
        /// The JSON path of the fault, such as `data.bidding`; `.` is the whole document.
        path: String,
        /// What was expected there.
        problem: String,
    },
    /// The body is an answer in shape, but holds a value that no answer may have.
    Value {
        /// The JSON path of the value.
        path: &'static str,
        /// What was expected there.
        expected: &'static str,
    },
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the body is empty"),
            Self::Html => f.write_str("the body is a markup page, not JSON"),
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
