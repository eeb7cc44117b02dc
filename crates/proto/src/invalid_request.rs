//! The error of a value that no request may carry, found before anything is sent.

/// A value was refused before anything was sent.
///
/// It names the parameter and what is expected of it, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: {problem}")]
pub struct InvalidRequest {
    parameter: &'static str,
    problem: &'static str,
}

impl InvalidRequest {
    /// An error about `parameter` (its wire name), whose `problem` reads as the rest of a sentence: "must not be empty".
    pub const fn new(parameter: &'static str, problem: &'static str) -> Self {
        Self { parameter, problem }
    }

    /// The wire name of the parameter that was refused.
    pub const fn parameter(&self) -> &'static str {
        self.parameter
    }

    /// What is wrong with it, and what is expected.
    pub const fn problem(&self) -> &'static str {
        self.problem
    }

    /// Checks that a vendor who trims what it receives would find `text` unchanged, and not empty.
    ///
    /// # Errors
    /// When it would not.
    pub fn unless_trimmed(parameter: &'static str, text: &str) -> Result<(), Self> {
        let outer = |c: char| c.is_whitespace() || c == '\0';
        if text.is_empty() {
            return Err(Self::new(parameter, "must not be empty"));
        }
        if text.starts_with(outer) || text.ends_with(outer) {
            return Err(Self::new(parameter, "must not begin or end with white space: the vendor would trim it"));
        }
        Ok(())
    }
}
