//! Output for people: short tables, in which no text of a vendor can move the cursor or hide.

use std::borrow::Cow;

use std::io;

use comfy_table::{ContentArrangement, Table, presets};
use terminal_size::{Width, terminal_size_of};

/// Least width of a table of sentences.
const NARROWEST: u16 = 72;

/// Returns true for a character that a terminal may obey, hide or reorder. The joiners that hold emoji and some
/// scripts together are not among them.
pub(super) fn is_hidden(c: char) -> bool {
    let bidi_or_invisible = matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    );
    c.is_control() || bidi_or_invisible
}

/// A text on one line, with each character that a terminal may obey shown as `\u{1b}`.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 32);
    for c in text.chars() {
        if is_hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Names and their values, one a line.
pub(crate) fn pairs<'a>(rows: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut table = empty();
    for (name, value) in rows {
        table.add_row([name, &plain(&value)]);
    }
    lines(table)
}

/// Rows under a header; `none` without rows.
pub(crate) fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let table = filled(header, rows);
    if table.is_empty() {
        return "none".to_owned();
    }
    lines(table)
}

/// The same for sentences: wrapped to the terminal's width, and whole where there is no terminal.
pub(crate) fn wrapped<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = filled(header, rows);
    if let Some((Width(width), _)) = terminal_size_of(io::stdout()) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.max(NARROWEST));
    }
    lines(table)
}

fn filled<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Table {
    let mut table = empty();
    table.set_header(header);
    for row in rows {
        table.add_row(row.each_ref().map(|cell| plain(cell)));
    }
    table
}

fn empty() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
}

fn lines(mut table: Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<_> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}
