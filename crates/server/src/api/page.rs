//! Pages of a list, from the newest row on: a cursor is the number of the last row of the page before.

/// Number of rows in an answer that asks for no other.
pub(super) const LIMIT: u32 = 100;

/// The number below which the rows of the next page are. The check of requests has refused any other cursor.
pub(super) fn before(cursor: Option<&str>) -> i64 {
    cursor.and_then(number).unwrap_or(i64::MAX)
}

/// The `next_cursor` of a page that is full, from the number of its last row.
pub(super) fn next_cursor(last: Option<i64>, is_full: bool) -> Option<String> {
    last.filter(|_| is_full).map(|last| last.to_string())
}

/// The number of a row, in digits alone.
pub(super) fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}
