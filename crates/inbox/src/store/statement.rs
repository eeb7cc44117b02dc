//! Statements about several rows at once: their number of placeholders, and how many rows go into one.

use std::fmt::Write;

use crate::dialect::Dialect;

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

/// `($1,$2),($3,$4)`: placeholders of all the values that a statement has, in their order.
///
/// SQLite gets them without numbers. It finds a numbered one by looking through all before it, for each value anew.
pub(super) fn placeholders(dialect: Dialect, rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            let comma = if column == 0 { "" } else { "," };
            let number = row * columns + column + 1;
            // Writing to a String can't fail.
            let _ = match dialect {
                Dialect::Sqlite => write!(text, "{comma}?"),
                Dialect::Postgres => write!(text, "{comma}${number}"),
            };
        }
        text.push(')');
    }
    text
}
