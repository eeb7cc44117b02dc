//! `cargo xtask traps`: writes the new names of tests that have moved into docs/protocol/traps.md.
//!
//! Its check: traps are numbered without a gap, and each is guarded by a test that exists and runs.

mod page;

use std::collections::HashSet;
use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use similar::TextDiff;

use crate::cargo::{WHOLE, Workspace};
use crate::check::{Finding, Repair};
use crate::test_list::{Test, tests};
use page::{Guard, Trap};

const COMMAND: &str = "cargo xtask traps";
const PAGE: &str = "docs/protocol/traps.md";
/// T01 to T26 are known; more may come.
const KNOWN: usize = 26;

/// Follow the traps' guards to their new places, where tests have moved or got other names
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(workspace: &Workspace, _: &Args) -> Result<ExitCode> {
    let text = read(workspace)?;
    let (traps, _) = page::read(&text);
    let tests = tests(workspace, &WHOLE)?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (guard, test) in moves(&traps, &tests) {
        println!("{PAGE}:{}: {guard} is now {test}", guard.line);
        lines[guard.line - 1] = format!("{}{test}", page::MARK);
    }
    fs::write(workspace.root().join(PAGE), lines.join("\n") + "\n").with_context(|| format!("cannot write {PAGE}"))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let (traps, wrong) = page::read(&read(workspace)?);
    let mut findings: Vec<Finding> = wrong.iter().map(|what| by_hand(what)).collect();
    findings.extend(unnumbered(&traps));
    findings.extend(traps.iter().filter(|trap| trap.guards.is_empty()).map(unguarded));
    let tests = tests(workspace, &WHOLE)?;
    findings.extend(absent(&traps, &tests));
    Ok(findings)
}

fn read(workspace: &Workspace) -> Result<String> {
    fs::read_to_string(workspace.root().join(PAGE)).with_context(|| format!("cannot read {PAGE}"))
}

fn by_hand(what: &str) -> Finding {
    Finding {
        what: format!("{PAGE}:{what}"),
        repair: Repair::by_hand(format!("write it as `{}PACKAGE TARGET TEST`", page::MARK)),
    }
}

/// Numbers that are left out or stand twice.
fn unnumbered(traps: &[Trap]) -> Vec<Finding> {
    let highest = traps.iter().map(|trap| trap.number).max().unwrap_or_default().max(KNOWN);
    let mut findings = Vec::new();
    for number in 1..=highest {
        let count = traps.iter().filter(|trap| trap.number == number).count();
        if count != 1 {
            findings.push(Finding {
                what: format!("T{number:02} stands {count} times in {PAGE}"),
                repair: Repair::by_hand(format!("give each trap from T01 to T{highest:02} one section `## Tnn · …`")),
            });
        }
    }
    findings
}

fn unguarded(trap: &Trap) -> Finding {
    Finding {
        what: format!("{PAGE}:{}: T{:02} has no guard", trap.line, trap.number),
        repair: Repair::by_hand(format!(
            "write a test that fails when the trap is open, and name it in a line `{}PACKAGE TARGET TEST`",
            page::MARK
        )),
    }
}

/// Guards whose test is not there, or is there and never runs.
fn absent(traps: &[Trap], tests: &[Test]) -> Vec<Finding> {
    let moves = moves(traps, tests);
    let mut findings = Vec::new();
    for trap in traps {
        for guard in &trap.guards {
            let place = format!("{PAGE}:{}: T{:02}", guard.line, trap.number);
            match tests.iter().find(|test| guard.test.names(test)) {
                Some(test) if !test.ignored => {}
                Some(_) => findings.push(Finding {
                    what: format!("{place}: the test {guard} is ignored"),
                    repair: Repair::by_hand("take `#[ignore]` off the test, or name another"),
                }),
                None => findings.push(Finding {
                    what: format!("{place}: there is no test {guard}"),
                    repair: repair(guard, &moves),
                }),
            }
        }
    }
    findings
}

fn repair(guard: &Guard, moves: &[(&Guard, &Test)]) -> Repair {
    if moves.iter().any(|(moved, _)| moved.line == guard.line) {
        return Repair::run(COMMAND);
    }
    Repair::by_hand("write the missing test, or name the one that guards the trap")
}

/// Guards whose test is not there, with the test that it has become.
fn moves<'a>(traps: &'a [Trap], tests: &'a [Test]) -> Vec<(&'a Guard, &'a Test)> {
    let guards: Vec<&Guard> = traps.iter().flat_map(|trap| &trap.guards).collect();
    let free: Vec<&Test> =
        tests.iter().filter(|test| !test.ignored && !guards.iter().any(|guard| guard.test.names(test))).collect();
    let lost = guards.iter().filter(|guard| !tests.iter().any(|test| guard.test.names(test)));
    let found: Vec<_> = lost.filter_map(|guard| Some((*guard, successor(guard, &free)?))).collect();
    let mut taken = HashSet::new();
    // Two guards never end at one test.
    found.into_iter().filter(|(_, test)| taken.insert(test.to_string())).collect()
}

/// The one test that a lost guard can have become: of the same name elsewhere, or of a very similar name in its package.
fn successor<'a>(guard: &Guard, free: &[&'a Test]) -> Option<&'a Test> {
    let same: Vec<_> = free.iter().filter(|test| test.name() == guard.test.function()).collect();
    if let [only] = same.as_slice() {
        return Some(only);
    }
    if !same.is_empty() {
        return None;
    }
    let likeness = |test: &Test| TextDiff::from_chars(guard.test.function(), test.name()).ratio();
    let mut similar: Vec<_> = free
        .iter()
        .filter(|test| test.package == guard.test.package)
        .map(|test| (likeness(test), *test))
        .filter(|(ratio, _)| *ratio >= 0.7)
        .collect();
    similar.sort_by(|a, b| b.0.total_cmp(&a.0));
    match similar.as_slice() {
        [(_, only)] => Some(only),
        [(first, best), (second, _), ..] if first - second > 0.1 => Some(best),
        _ => None,
    }
}
