//! Checks the page of traps: each trap has the next number, and a guard that exists and runs.
//!
//! A trap is a section `## Tnn · …` with lines `- Guard: PACKAGE TARGET TEST`.

use std::fs;

use anyhow::{Context, Result};

use super::{Finding, Repair};
use crate::cargo::{WHOLE, Workspace};
use crate::test_list::{TestName, tests};

const PAGE: &str = "docs/protocol/traps.md";
/// Beginning of a guard's line.
const MARK: &str = "- Guard: ";

struct Trap {
    number: usize,
    line: usize,
    guards: Vec<Guard>,
}

/// A test that guards against a trap, as the page names it.
struct Guard {
    line: usize,
    test: TestName,
}

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let text = fs::read_to_string(workspace.root().join(PAGE)).with_context(|| format!("cannot read {PAGE}"))?;
    let (traps, mut findings) = read(&text);
    findings.extend(unnumbered(&traps));
    findings.extend(traps.iter().filter(|trap| trap.guards.is_empty()).map(unguarded));
    let tests = tests(workspace, &WHOLE)?;
    for Trap { number, guards, .. } in &traps {
        let place = |guard: &Guard| format!("{PAGE}:{}: T{number:02}", guard.line);
        findings.extend(guards.iter().filter_map(|guard| guard.test.absent(&place(guard), &tests)));
    }
    Ok(findings)
}

/// Reads the traps of the page, and the faults in its form.
fn read(text: &str) -> (Vec<Trap>, Vec<Finding>) {
    let mut traps: Vec<Trap> = Vec::new();
    let mut wrong = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        if let Some(number) = number(content) {
            traps.push(Trap { number, line, guards: Vec::new() });
        } else if content.trim_start().trim_start_matches("- ").starts_with("Guard:") {
            let named = content.strip_prefix(MARK).and_then(TestName::parse);
            match (named, traps.last_mut()) {
                (Some(name), Some(trap)) => trap.guards.push(Guard { line, test: name }),
                _ => wrong.push(Finding {
                    what: format!("{PAGE}:{line}: `{content}` is not a guard"),
                    repair: Repair::by_hand(format!("write it as `{MARK}PACKAGE TARGET TEST`")),
                }),
            }
        }
    }
    (traps, wrong)
}

/// Returns the number in a trap's heading.
fn number(line: &str) -> Option<usize> {
    let heading = line.strip_prefix("## T")?;
    heading.split(' ').next()?.parse().ok()
}

/// Finds traps that do not have the number after the one before.
fn unnumbered(traps: &[Trap]) -> impl Iterator<Item = Finding> {
    let wrong = (1..).zip(traps).filter(|(due, trap)| trap.number != *due);
    wrong.map(|(due, trap)| Finding {
        what: format!("{PAGE}:{}: T{:02} stands where T{due:02} is expected", trap.line, trap.number),
        repair: Repair::by_hand("number the traps from T01 on, without a gap"),
    })
}

fn unguarded(trap: &Trap) -> Finding {
    Finding {
        what: format!("{PAGE}:{}: T{:02} has no guard", trap.line, trap.number),
        repair: Repair::by_hand(format!(
            "write a test that fails when the trap is open, and name it in a line `{MARK}PACKAGE TARGET TEST`"
        )),
    }
}
