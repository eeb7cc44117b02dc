//! Kinds of texts: the rule for each, and newtypes that keep them apart.

use crate::InvalidRequest;
#[cfg(feature = "fensi")]
use crate::invalid_request::TRIMMED_BY_PHP;

/// Replacement for a value that is never printed.
pub(crate) const REDACTED: &str = "[redacted]";

/// Check of a kind of text; its error says what the text must be.
pub(crate) type Rule = fn(&str) -> Result<(), &'static str>;

/// Accepts a platform's identifier: one run of printable characters, of any length.
pub(crate) fn identifier(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("must not be empty");
    }
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("must not contain white space or control characters");
    }
    Ok(())
}

/// Accepts a text that is more than white space and control characters.
pub(crate) fn not_blank(text: &str) -> Result<(), &'static str> {
    if text.chars().all(|c| c.is_whitespace() || c.is_control()) {
        return Err("must not be empty or blank");
    }
    Ok(())
}

/// Accepts a text that is not empty after 粉丝万岁 has trimmed it.
#[cfg(feature = "fensi")]
pub(crate) fn not_trimmed_away(text: &str) -> Result<(), &'static str> {
    if text.trim_matches(TRIMMED_BY_PHP).is_empty() {
        return Err("must not be empty or blank: the vendor would refuse it");
    }
    Ok(())
}

/// Accepts a text without control characters.
pub(crate) fn without_control(text: &str) -> Result<(), &'static str> {
    if text.contains(char::is_control) {
        return Err("must not contain control characters");
    }
    Ok(())
}

/// Checks `text` as the parameter `name` of a request.
pub(crate) fn check(name: &'static str, text: &str, rule: Rule) -> Result<(), InvalidRequest> {
    rule(text).map_err(|problem| InvalidRequest::new(name, problem))
}

/// The same, and returns the text.
pub(crate) fn checked(name: &'static str, text: impl Into<String>, rule: Rule) -> Result<String, InvalidRequest> {
    let text = text.into();
    check(name, &text, rule)?;
    Ok(text)
}

/// Declares a text newtype: checked when made, also from JSON, and `shown` or `redacted` in `Debug`.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $wire:literal, $rule:path, $print:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks the text.
            ///
            /// # Errors
            #[doc = concat!("[`InvalidRequest`](crate::InvalidRequest) that says what `", $wire, "` may be.")]
            pub fn new(text: impl Into<String>) -> Result<Self, crate::InvalidRequest> {
                crate::text::checked($wire, text, $rule).map(Self)
            }

            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::InvalidRequest;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = crate::lenient::text(deserializer)?;
                Self::new(text).map_err(|error| crate::lenient::refused_text($wire, &error))
            }
        }

        crate::text::text_type!(@debug $name, $print);
    };
    (@debug $name:ident, shown) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
    (@debug $name:ident, redacted) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(crate::text::REDACTED)
            }
        }
    };
}

pub(crate) use text_type;
