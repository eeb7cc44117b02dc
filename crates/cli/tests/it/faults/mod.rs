//! Every operation against a server of raw sockets that answers by each fault: the call ends as documented, in time, in
//! little memory, and prints nothing that it must not.

mod bodies;
mod case;
mod echoes;
mod fault;
mod operations;
mod redirects;
mod script;
mod wire;

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use self::case::{Case, Told, usual_memory};
use self::fault::{Ends, Fault};
use self::operations::{OPERATIONS, Operation};
use self::redirects::Elsewhere;

/// How many runs there are at once: most wait.
const AT_ONCE: usize = 16;

/// What people are shown something of, with all that the program may tell.
const FOR_PEOPLE: [&str; 4] = [
    "echo: escapes in a refusal",
    "echo: headers of a page",
    "echo: names of unknown fields",
    "echo: the system behind",
];

/// So that none is lost unnoticed.
const CASES: usize = 1696;
const CASES_FOR_MEMORY: usize = 330;

#[test]
fn every_fault_ends_as_documented_for_every_operation() {
    let elsewhere = Elsewhere::start();
    let cases = cases(&elsewhere);
    settle(&cases, Case::run);
    elsewhere.assert_untouched();
    assert_eq!(cases.len(), CASES);
    println!("reliability[faults] {CASES} cases: kind, exit code, arrivals, time and print as documented");
}

#[test]
fn no_fault_takes_8_mebibytes_more_than_an_answer() {
    let cases: Vec<_> = OPERATIONS
        .iter()
        .flat_map(|operation| {
            let faults = wire::faults(operation).into_iter().chain(bodies::faults(operation));
            faults.filter(|fault| fault.is_large).map(|fault| case(operation, fault))
        })
        .collect();
    let usual: HashMap<_, _> = OPERATIONS.iter().map(|operation| (operation.name, usual_memory(operation))).collect();
    settle(&cases, |case| case.run_for_memory(usual[case.operation.name]));
    assert_eq!(cases.len(), CASES_FOR_MEMORY);
    println!("reliability[faults-memory] {CASES_FOR_MEMORY} cases: less than 8 MiB more than an answer");
}

fn case(operation: &'static Operation, fault: Fault) -> Case {
    Case { operation, faulty: operation, fault, told: Told::Json }
}

/// Every operation with every fault of its reply; those that repeat what must not be printed also for people; and every
/// fault of the token's reply, with an operation of each class that needs the token.
fn cases(elsewhere: &Elsewhere) -> Vec<Case> {
    let faults = |operation| {
        let redirects = redirects::faults(operation, elsewhere);
        [wire::faults(operation), bodies::faults(operation), redirects].into_iter().flatten()
    };
    let mut cases = Vec::new();
    for operation in &OPERATIONS {
        cases.extend(faults(operation).chain(echoes::faults(operation)).map(|fault| case(operation, fault)));
        let for_people = echoes::faults(operation).into_iter().filter(|fault| FOR_PEOPLE.contains(&&*fault.name));
        cases.extend(for_people.map(|fault| Case { told: Told::People, ..case(operation, fault) }));
    }
    // The token's fetch fails alike whatever needs it, so each of its faults has one such call.
    let token = &OPERATIONS[0];
    let in_need = OPERATIONS.iter().filter(|operation| operation.carries_token());
    let of_token = faults(token).chain(echoes::faults(token));
    let of_token = of_token.filter(|fault| !matches!(fault.ends, Ends::Answered | Ends::AnsweredOrNoReply));
    cases.extend(
        of_token.zip(in_need.cycle()).map(|(fault, operation)| Case { faulty: token, ..case(operation, fault) }),
    );
    cases
}

/// Runs all, and those that fail once more, alone: a machine that is busy may be late.
fn settle(cases: &[Case], run: impl Fn(&Case) -> Result<(), String> + Sync) {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if run(case).is_err() {
                        failed.lock().unwrap().push(case);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    let failures: Vec<_> =
        failed.iter().filter_map(|case| run(case).err().map(|error| format!("{}: {error}", case.name()))).collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
}
