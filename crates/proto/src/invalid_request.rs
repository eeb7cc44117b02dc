//! The error of a value that no request may carry. It is found before anything is sent.

use std::borrow::Cow;

/// Characters that PHP's `trim` removes at a text's ends; it keeps all other white space.
pub(crate) const TRIMMED_BY_PHP: [char; 6] = [' ', '\t', '\n', '\r', '\0', '\u{b}'];

/// Error of an invalid parameter: nothing was sent, and a repeat fails until the value is corrected.
///
/// It names the parameter and the expectation, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: {problem}")]
pub struct InvalidRequest {
    parameter: Cow<'static, str>,
    problem: &'static str,
}

impl InvalidRequest {
    /// Creates an error for `parameter` (its wire name). `problem` is the rest of a sentence: "must not be empty".
    pub const fn new(parameter: &'static str, problem: &'static str) -> Self {
        Self { parameter: Cow::Borrowed(parameter), problem }
    }

    /// Creates an error for a parameter whose name the caller chose.
    pub const fn named(parameter: String, problem: &'static str) -> Self {
        Self { parameter: Cow::Owned(parameter), problem }
    }

    /// Wire name of the refused parameter.
    pub fn parameter(&self) -> &str {
        &self.parameter
    }

    /// The fault and the expectation, such as "must not be empty".
    pub const fn problem(&self) -> &'static str {
        self.problem
    }

    /// Checks that `text` is not empty.
    ///
    /// # Errors
    /// [`InvalidRequest`] if the text is empty.
    pub fn unless_given(parameter: &'static str, text: &str) -> Result<(), Self> {
        if text.is_empty() {
            return Err(Self::new(parameter, "must not be empty"));
        }
        Ok(())
    }

    /// Checks that `text` is not empty and that 粉丝万岁 would not change it: it trims every text that it receives
    /// (observed). PHP's trim removes spaces, tabs, line breaks, vertical tabs and NUL, and keeps all other white
    /// space.
    ///
    /// # Errors
    /// [`InvalidRequest`] where the text is empty or begins or ends with such white space.
    pub fn unless_trimmed(parameter: &'static str, text: &str) -> Result<(), Self> {
        Self::unless_given(parameter, text)?;
        if text.starts_with(TRIMMED_BY_PHP) || text.ends_with(TRIMMED_BY_PHP) {
            return Err(Self::new(parameter, "must not begin or end with white space: the vendor would trim it"));
        }
        Ok(())
    }
}
