//! Every operation against a server of raw sockets that answers by each fault: the call ends as documented, in time,
//! in little memory, and prints nothing that it must not.
//!
//! The sandbox's `slow-push` and `lost-push` are not among them: a push is a request of the vendor's, and no reply.
//! How slow ones are met stands in `serve`, and a lost one is a booking that `inbox missing` shows.

mod bodies;
mod case;
mod echoes;
mod failure;
mod fault;
mod hyper;
pub(crate) mod operations;
mod redirects;
mod script;
mod tokens;
mod wire;

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use xtask_specimens::Effect;

use self::case::{Case, Told, usual_memory};
use self::failure::Failure;
use self::fault::{Ends, Fault};
use self::operations::{OPERATIONS, Operation};
use self::redirects::Elsewhere;

/// Number of concurrent runs: most wait.
const AT_ONCE: usize = 16;

/// Faults whose text is shown to people, with all output that the program has.
const FOR_PEOPLE: [&str; 4] = [
    "echo: escapes in a refusal",
    "echo: headers of a page",
    "echo: names of unknown fields",
    "echo: the system behind",
];

#[test]
fn every_fault_ends_as_documented_for_every_operation() {
    let elsewhere = Elsewhere::start();
    let cases = cases(&elsewhere);
    assert_none(&settle(&cases, Case::run));
    elsewhere.assert_untouched();
    println!("reliability[faults] {} cases: kind, exit code, arrivals, time and print as documented", cases.len());
}

#[test]
fn every_fault_ends_as_documented_over_hyper_too() {
    let elsewhere = Elsewhere::start();
    // A transport knows no operations: one of each class is enough.
    let of_class = |effect: &Effect| OPERATIONS.iter().find(|operation| operation.effect == *effect).unwrap().name;
    let classes = Effect::ALL.each_ref().map(of_class);
    let mut cases = cases(&elsewhere);
    cases.retain(|case| case.told == Told::Json && classes.contains(&case.operation.name));
    assert_none(&settle(&cases, Case::run_over_hyper));
    elsewhere.assert_untouched();
    println!(
        "reliability[faults-hyper] {} cases: kind and arrivals as documented, and nothing secret told",
        cases.len()
    );
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
    assert_none(&settle(&cases, |case| case.run_for_memory(usual[case.operation.name])));
    println!("reliability[faults-memory] {} cases: less than 8 MiB more than an answer", cases.len());
}

fn case(operation: &'static Operation, fault: Fault) -> Case {
    Case { operation, faulty: operation, fault, told: Told::Json }
}

/// Every operation with every fault of its reply; those that repeat what must not be printed also for people; and
/// every fault of the token's reply, with an operation of each class that needs the token.
fn cases(elsewhere: &Elsewhere) -> Vec<Case> {
    let faults = |operation| {
        let redirects = redirects::faults(operation, elsewhere);
        [wire::faults(operation), bodies::faults(operation), tokens::faults(operation), redirects].into_iter().flatten()
    };
    let mut cases = Vec::new();
    for operation in OPERATIONS.iter() {
        cases.extend(faults(operation).chain(echoes::faults(operation)).map(|fault| case(operation, fault)));
        let for_people = echoes::faults(operation).into_iter().filter(|fault| FOR_PEOPLE.contains(&&*fault.name));
        cases.extend(for_people.map(|fault| Case { told: Told::People, ..case(operation, fault) }));
    }
    let token = &OPERATIONS[0];
    let of_token = faults(token).chain(echoes::faults(token));
    let of_token = of_token.filter(|fault| !matches!(fault.ends, Ends::Answered | Ends::AnsweredOrNoReply));
    for (number, fault) in of_token.enumerate() {
        for effect in [Effect::Safe, Effect::Once, Effect::Write] {
            let in_need: Vec<_> = OPERATIONS.iter().filter(|it| it.carries_token() && it.effect == effect).collect();
            let operation = in_need[number % in_need.len()];
            cases.push(Case { faulty: token, ..case(operation, fault.clone()) });
        }
    }
    cases
}

/// Number of further runs of a case that a busy machine may have failed.
const AGAIN: usize = 3;

/// Runs all cases; returns those that fail. Those that may have failed by chance are run again, alone.
fn settle(cases: &[Case], run: impl Fn(&Case) -> Result<(), Failure> + Sync) -> Vec<String> {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(failure) = run(case) {
                        failed.lock().unwrap().push((case, failure));
                    }
                }
            });
        }
    });
    let again = |(case, mut failure): (&Case, Failure)| {
        for _ in 0..AGAIN {
            if failure.may_be_chance() {
                failure = run(case).err()?;
            }
        }
        Some(format!("{}: {failure}", case.name()))
    };
    failed.into_inner().unwrap().into_iter().filter_map(again).collect()
}

fn assert_none(failures: &[String]) {
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn what_may_be_the_machine_s_is_forgiven_three_times_and_what_is_printed_never() {
    let cases = [case(&OPERATIONS[0], Fault::body("none", Ends::Answered, ""))];
    let settled = |failure: fn() -> Failure, times| {
        let runs = AtomicUsize::new(0);
        let failures =
            settle(&cases, |_| if runs.fetch_add(1, Ordering::Relaxed) < times { Err(failure()) } else { Ok(()) });
        failures.len()
    };
    let late = || Failure::Late(Duration::ZERO);
    let hurried = || Failure::Ended { by_time: true, words: String::new() };
    for may_be_chance in [late, hurried, || Failure::Memory(0), || Failure::Unmet] {
        assert_eq!((settled(may_be_chance, AGAIN), settled(may_be_chance, AGAIN + 1)), (0, 1));
    }
    let wrong = || Failure::Ended { by_time: false, words: String::new() };
    for never in [wrong, || Failure::Printed(String::new())] {
        assert_eq!((settled(never, 0), settled(never, 1)), (0, 1));
    }
}
