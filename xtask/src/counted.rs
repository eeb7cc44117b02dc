//! Counts with a noun, in English.

/// Returns `1 test`, `2 tests`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
