//! The error of a value that no request may carry, found before anything is sent.

use std::borrow::Cow;

/// The characters that PHP's `trim` takes off a text's ends; all other white space stays.
pub(crate) const TRIMMED_BY_PHP: [char; 6] = [' ', '\t', '\n', '\r', '\0', '\u{b}'];

/// A value was refused before anything was sent.
///
/// It names the parameter and what is expected of it, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: {problem}")]
pub struct InvalidRequest {
    parameter: Cow<'static, str>,
    problem: &'static str,
}

impl InvalidRequest {
    /// An error about `parameter` (its wire name), whose `problem` reads as the rest of a sentence: "must not be empty".
    pub const fn new(parameter: &'static str, problem: &'static str) -> Self {
        Self { parameter: Cow::Borrowed(parameter), problem }
    }

    /// The same about a parameter whose name is the caller's.
    pub const fn named(parameter: String, problem: &'static str) -> Self {
        Self { parameter: Cow::Owned(parameter), problem }
    }

    /// The wire name of the parameter that was refused.
    pub fn parameter(&self) -> &str {
        &self.parameter
    }

    /// What is wrong with it, and what is expected.
    pub const fn problem(&self) -> &'static str {
        self.problem
    }

    /// Checks that `text` is not empty.
    ///
    /// # Errors
    /// When it is.
    pub fn unless_given(parameter: &'static str, text: &str) -> Result<(), Self> {
        if text.is_empty() {
            return Err(Self::new(parameter, "must not be empty"));
        }
        Ok(())
    }

    /// Checks that 粉丝万岁, which trims every text that it receives (observed), would find `text` unchanged, and not
    /// empty. PHP's trim takes off spaces, tabs, line breaks, vertical tabs and NUL, and leaves all other white space.
    ///
    /// # Errors
    /// When it would not.
    pub fn unless_trimmed(parameter: &'static str, text: &str) -> Result<(), Self> {
        Self::unless_given(parameter, text)?;
        if text.starts_with(TRIMMED_BY_PHP) || text.ends_with(TRIMMED_BY_PHP) {
            return Err(Self::new(parameter, "must not begin or end with white space: the vendor would trim it"));
        }
        Ok(())
    }
}
