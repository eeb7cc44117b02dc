//! A database that can't be written to for a while: pushes are refused as long as that lasts, and no longer.

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};
use tokio::runtime::Runtime;

use super::business::Business;
use super::pushes;
use super::setup::Setup;
use crate::patience::eventually;

/// Another program that uses the file.
struct Other {
    runtime: Runtime,
    connection: SqliteConnection,
}

impl Other {
    fn at(setup: &Setup) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let url = format!("sqlite://{}", setup.path().join("inbox.db").display());
        let connection = runtime.block_on(SqliteConnection::connect(&url)).unwrap();
        Self { runtime, connection }
    }

    fn run(&mut self, sql: &'static str) {
        self.runtime.block_on(self.connection.execute(AssertSqlSafe(sql))).unwrap();
    }
}

#[test]
fn while_the_file_is_locked_pushes_are_refused_and_afterwards_taken() {
    let business = Business::start();
    let setup = Setup::new().paying_all().delivering_to(&business);
    let serving = setup.serve();
    assert_eq!(serving.push(&pushes::json("before")).status, 200);

    let mut other = Other::at(&setup);
    other.run("BEGIN EXCLUSIVE");
    assert_eq!(serving.push(&pushes::json("meanwhile")).status, 503);
    assert_eq!((serving.ask("/readyz").status, serving.ask("/healthz").status), (503, 200));
    assert_eq!(serving.metric("weifen_inbox_not_stored_total"), 1);
    other.run("COMMIT");

    eventually("it takes pushes again", || (serving.push(&pushes::json("meanwhile")).status == 200).then_some(()));
    serving.is_ready();
    eventually("both are delivered", || (business.taken().len() >= 2).then_some(()));
    serving.has_delivered_all();
    assert_eq!(setup.events().len(), 2);
}

/// Caps the size of the process's files, in bytes; `None` for no cap.
fn limit_files(process: u32, size: Option<u64>) {
    let process = Pid::from_raw(process.try_into().unwrap());
    prlimit(process, Resource::Fsize, Rlimit { current: size, maximum: None }).unwrap();
}

#[test]
fn while_no_file_may_grow_pushes_are_refused_and_afterwards_taken() {
    let setup = Setup::new();
    // Else the first write beyond the limit ends the process.
    let serving = setup.serve_after("trap '' XFSZ");
    let log = || std::fs::metadata(setup.path().join("inbox.db-wal")).unwrap().len();
    let (begun, mut acknowledged) = (log(), Vec::new());
    // Pages of the log that were checkpointed already are overwritten first.
    while log() == begun {
        let user = format!("before-{}", acknowledged.len());
        assert_eq!(serving.push(&pushes::json(&user)).status, 200);
        acknowledged.push(user);
    }
    limit_files(serving.id(), Some(log()));
    let before = acknowledged.clone();
    for number in 0..10 {
        let user = format!("meanwhile-{number}");
        match serving.push(&pushes::json(&user)).status {
            200 => acknowledged.push(user),
            status => assert_eq!(status, 503),
        }
    }
    assert_eq!((serving.ask("/readyz").status, serving.ask("/healthz").status), (503, 200));
    assert_eq!(acknowledged, before);
    assert_eq!(serving.metric("weifen_inbox_not_stored_total"), 10);

    limit_files(serving.id(), None);
    eventually("it takes pushes again", || (serving.push(&pushes::json("after")).status == 200).then_some(()));
    serving.is_ready();
    let users: Vec<_> = setup.events().iter().map(|event| event["push"]["auth_open_id"].clone()).collect();
    assert_eq!(users, [before, vec!["after".to_owned()]].concat());
}

#[test]
fn while_the_file_is_gone_pushes_are_refused_and_when_it_is_back_taken() {
    let setup = Setup::new();
    let serving = setup.serve();
    assert_eq!(serving.push(&pushes::json("before")).status, 200);
    let (here, there) = (setup.path().join("inbox.db"), setup.path().join("elsewhere.db"));
    std::fs::rename(&here, &there).unwrap();
    assert_eq!(serving.push(&pushes::json("meanwhile")).status, 503);
    assert_eq!(serving.ask("/readyz").status, 503);
    std::fs::rename(&there, &here).unwrap();
    eventually("it takes pushes again", || (serving.push(&pushes::json("meanwhile")).status == 200).then_some(()));
    assert_eq!(setup.events().len(), 2);
}
