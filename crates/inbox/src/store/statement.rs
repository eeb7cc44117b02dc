//! Statements about several rows at once: their number of placeholders, and how many rows go into one.

use std::fmt::Write;

/// Groups of rows whose sizes are powers of two: few texts of statements for any number of rows, so that each is
/// prepared once.
pub(super) fn groups<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut left = rows;
    std::iter::from_fn(move || {
        let size = 1 << left.len().checked_ilog2()?;
        let (group, rest) = left.split_at(size);
        left = rest;
        Some(group)
    })
}

/// `($1,$2),($3,$4)`: placeholders of `rows` rows, from the number `first`.
pub(super) fn placeholders(first: usize, rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            let number = first + row * columns + column;
            let comma = if column == 0 { "" } else { "," };
            // Writing to a String can't fail.
            let _ = write!(text, "{comma}${number}");
        }
        text.push(')');
    }
    text
}

/// `($1,$2,$3)`: a list of `values` values, from the number `first`.
pub(super) fn list(first: usize, values: usize) -> String {
    placeholders(first, 1, values)
}
