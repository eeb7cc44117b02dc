//! The mixture that is there from the start.

use std::{
    collections::BTreeSet,
    io::{ErrorKind, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::json;
use tokio::time::timeout;
use weifen_sandbox::{LogEntry, Sandbox};

use super::{all_bytes, order, set_faults};
use crate::partner::{control, start};

/// Far more than an entry of the log takes.
const FOREVER: Duration = Duration::from_secs(60);

async fn chaos(seed: u64) -> Sandbox {
    Sandbox::builder().chaos(seed).start().await.unwrap()
}

/// What became of so many orders, none of which waits for its reply.
async fn orders(seed: u64, count: u64) -> Vec<LogEntry> {
    let sandbox = chaos(seed).await;
    for number in 0..count {
        let mut stream = TcpStream::connect(sandbox.addr()).unwrap();
        stream.write_all(&order("no token")).unwrap();
        let logged = async {
            while sandbox.log_after(number).is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(FOREVER, logged).await.unwrap_or_else(|_| panic!("order {number} is not in the log"));
    }
    sandbox.log()
}

#[tokio::test]
async fn it_is_told_in_the_state_and_ended_by_an_empty_list_and_back_after_a_reset() {
    let sandbox = chaos(77).await;
    let shown = || sandbox.state()["faults"].clone();
    let begun = shown();
    assert_eq!((&begun["seed"], &begun["chaos"]), (&json!(77), &json!(true)));
    assert!(begun["list"].as_array().unwrap().len() > 20);
    control(&sandbox, "faults", &json!([]));
    assert_eq!(shown(), json!({ "seed": 0, "chaos": false, "list": [] }));
    sandbox.reset();
    assert_eq!(shown(), begun);
    assert_eq!(start().await.state()["faults"]["chaos"], false);
}

#[tokio::test]
async fn it_is_the_same_for_the_same_seed_and_a_mixture() {
    let faults = async |seed| orders(seed, 400).await.iter().map(|entry| entry.fault.clone()).collect::<Vec<_>>();
    let once = faults(1).await;
    assert_eq!(once, faults(1).await);
    assert_ne!(once, faults(2).await);
    let kinds: BTreeSet<_> = once.iter().flatten().collect();
    assert!(kinds.len() > 10, "{kinds:?}");
    let spared = once.iter().filter(|fault| fault.is_none()).count();
    assert!((200..360).contains(&spared), "{spared}");
}

#[tokio::test]
async fn every_kind_is_in_it() {
    let sandbox = chaos(1).await;
    let list = sandbox.state()["faults"]["list"].clone();
    let kinds: BTreeSet<_> = list.as_array().unwrap().iter().map(|fault| fault["kind"].to_string()).collect();
    assert_eq!(kinds.len(), 23, "{kinds:?}");
}

#[tokio::test]
async fn it_can_be_replaced() {
    let sandbox = chaos(1).await;
    set_faults(&sandbox, 1, &json!([{ "kind": "reset" }]));
    let (bytes, end) = all_bytes(&sandbox, &order("no token"));
    assert_eq!((bytes.len(), end.unwrap_err().kind()), (0, ErrorKind::ConnectionReset));
    assert_eq!(sandbox.state()["faults"]["chaos"], false);
}
