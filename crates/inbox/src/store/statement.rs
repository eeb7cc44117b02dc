//! Statements about several rows at once: their number of placeholders, and how many rows go into one.

use std::fmt::Write;

use crate::dialect::Dialect;

/// The rows, and the last one again and again, so that their number is a power of two or half as much again: few texts
/// of statements serve any number of rows, each prepared once. For statements to which a repeated row makes no
/// difference.
pub(super) fn padded<T>(rows: &[T]) -> Vec<&T> {
    let power = rows.len().next_power_of_two();
    let size = if rows.len() <= power / 4 * 3 { power / 4 * 3 } else { power };
    let last = rows.last();
    rows.iter().chain(std::iter::repeat_with(|| last).flatten()).take(size.max(rows.len())).collect()
}

/// `($1,$2),($3,$4)`: placeholders of values in the order in which they are bound, from the `first` on.
///
/// SQLite gets them without numbers. It finds a numbered one by looking through all before it, for each value anew.
pub(super) fn placeholders(dialect: Dialect, first: usize, rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            let comma = if column == 0 { "" } else { "," };
            let number = first + row * columns + column;
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
