//! The traps' page, read: sections `## Tnn · …` with lines `- Guard: PACKAGE TARGET TEST`.

use std::fmt;

use crate::test_list::TestName;

/// Opens a guard's line.
pub(super) const MARK: &str = "- Guard: ";

pub(super) struct Trap {
    pub(super) number: usize,
    pub(super) line: usize,
    pub(super) guards: Vec<Guard>,
}

/// A test that keeps a trap shut, as the page names it.
pub(super) struct Guard {
    pub(super) line: usize,
    pub(super) test: TestName,
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.test.fmt(f)
    }
}

/// The traps of the page, and what is wrongly written, as `LINE: words`.
pub(super) fn read(text: &str) -> (Vec<Trap>, Vec<String>) {
    let mut traps: Vec<Trap> = Vec::new();
    let mut wrong = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        if let Some(number) = number(content) {
            traps.push(Trap { number, line, guards: Vec::new() });
        } else if content.trim_start().trim_start_matches("- ").starts_with("Guard:") {
            match (guard(line, content), traps.last_mut()) {
                (Some(guard), Some(trap)) => trap.guards.push(guard),
                _ => wrong.push(format!("{line}: `{content}` is no guard of a trap")),
            }
        }
    }
    (traps, wrong)
}

/// The number of a trap's heading.
fn number(line: &str) -> Option<usize> {
    let heading = line.strip_prefix("## T")?;
    heading.split(' ').next()?.parse().ok()
}

fn guard(line: usize, content: &str) -> Option<Guard> {
    Some(Guard { line, test: TestName::parse(content.strip_prefix(MARK)?)? })
}
