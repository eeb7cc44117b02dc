//! Where two texts differ, line by line, for a person.

use similar::{ChangeTag, TextDiff};

/// All lines, in order: `-` before those of `recorded` alone, `+` before those of `other` alone.
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
