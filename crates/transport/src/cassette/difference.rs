//! A line-by-line difference of two texts, for a person.

use similar::{ChangeTag, TextDiff};

/// Returns all lines in order: `-` marks lines of `recorded` alone, `+` lines of `other` alone.
pub(super) fn difference(recorded: &str, other: &str) -> String {
    let diff = TextDiff::from_lines(recorded, other);
    let marked = diff.iter_all_changes().map(|change| {
        let mark = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        format!("{mark} {}", change.value())
    });
    marked.collect::<String>().trim_end().to_owned()
}
