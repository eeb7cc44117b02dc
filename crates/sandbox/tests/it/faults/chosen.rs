//! Whom a fault hits, how often, and the same again.

use serde_json::{Value, json};
use weifen_sandbox::Sandbox;

use super::{report_order, scenes, set_faults, start_with};
use crate::partner::{control, fetch_token, get, start};

async fn faults_of(seed: u64, requests: usize) -> Vec<Option<String>> {
    let sandbox = start().await;
    let mixture = json!([
        { "kind": "html", "share": 0.2 },
        { "kind": "status", "share": 0.3 },
        { "kind": "wrong-type", "share": 0.3 },
    ]);
    set_faults(&sandbox, seed, &mixture);
    (0..requests).for_each(|_| drop(scenes(&sandbox)));
    sandbox.log().into_iter().map(|entry| entry.fault).collect()
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults_and_another_gives_others() {
    let once = faults_of(7, 60).await;
    assert!(once.iter().any(Option::is_some), "{once:?}");
    assert_eq!(once, faults_of(7, 60).await);
    assert_ne!(once, faults_of(8, 60).await);
}

#[tokio::test]
async fn the_same_seed_spoils_the_same_field() {
    let spoilt = async |seed| {
        let sandbox = Sandbox::builder().clock_start("2026-01-01T00:00:00Z".parse().unwrap()).start().await.unwrap();
        let token = fetch_token(&sandbox);
        set_faults(&sandbox, seed, &json!([{ "kind": "wrong-type" }]));
        (0..10).map(|_| report_order(&sandbox, &token).text()).collect::<Vec<_>>()
    };
    assert_eq!(spoilt(1).await, spoilt(1).await);
    assert_ne!(spoilt(1).await, spoilt(2).await);
}

#[tokio::test]
async fn what_other_operations_are_asked_changes_nothing() {
    let alone = faults_of(7, 30).await;
    let sandbox = start().await;
    set_faults(&sandbox, 7, &json!([{ "kind": "html", "share": 0.2 }, { "kind": "status", "share": 0.6 }]));
    for _ in 0..30 {
        fetch(&sandbox);
        scenes(&sandbox);
    }
    let among = sandbox.log().into_iter().filter(|entry| entry.operation == Some("scenes"));
    let are_html = |faults: Vec<Option<String>>| {
        faults.into_iter().map(|fault| fault.as_deref() == Some("html")).collect::<Vec<_>>()
    };
    let (alone, among) = (are_html(alone), are_html(among.map(|entry| entry.fault).collect()));
    assert!(alone.contains(&true) && alone.contains(&false), "{alone:?}");
    assert_eq!(among, alone);
}

fn fetch(sandbox: &Sandbox) {
    get(sandbox.addr(), &crate::partner::token_path());
}

#[tokio::test]
async fn shares_are_what_they_say() {
    let faults = faults_of(3, 1000).await;
    let count = |kind| faults.iter().filter(|fault| fault.as_deref() == kind).count();
    assert!((150..250).contains(&count(Some("html"))), "{}", count(Some("html")));
    assert!((240..360).contains(&count(Some("status"))), "{}", count(Some("status")));
    assert!((150..250).contains(&count(None)), "{}", count(None));
}

#[tokio::test]
async fn a_fault_happens_as_often_as_it_says_and_then_the_next_takes_its_place() {
    let sandbox = start().await;
    set_faults(&sandbox, 1, &json!([{ "kind": "status", "times": 2 }, { "kind": "html", "times": 1 }]));
    (0..5).for_each(|_| drop(scenes(&sandbox)));
    let faults: Vec<_> = sandbox.log().iter().map(|entry| json!(entry.fault)).collect();
    assert_eq!(faults, [json!("status"), json!("status"), json!("html"), json!(null), json!(null)]);
    let happened = |n: usize| sandbox.state()["faults"]["list"][n]["happened"].clone();
    assert_eq!((happened(0), happened(1)), (json!(2), json!(1)));
}

#[tokio::test]
async fn a_fault_hits_the_operation_it_names_with_or_without_its_vendor() {
    for name in ["order_report", "weiting.order_report"] {
        let (sandbox, token) = start_with(json!({ "kind": "status", "operation": name })).await;
        assert_eq!(report_order(&sandbox, &token).status, 500, "{name}");
        assert_eq!(scenes(&sandbox).status, 200);
    }
}

#[tokio::test]
async fn any_is_every_call_of_the_vendors_and_no_page() {
    let (sandbox, token) = start_with(json!({ "kind": "status" })).await;
    assert_eq!((report_order(&sandbox, &token).status, scenes(&sandbox).status), (500, 500));
    let page = "/connect/oauth2/authorize?state=http%3A%2F%2Fa.test%2F";
    assert_eq!(get(sandbox.addr(), page).status, 200);
    set_faults(&sandbox, 1, &json!([{ "kind": "status", "operation": "consent_page" }]));
    assert_eq!(get(sandbox.addr(), page).status, 500);
}

#[tokio::test]
async fn a_reset_or_an_empty_list_ends_the_faults() {
    let (sandbox, _) = start_with(json!({ "kind": "status" })).await;
    assert_eq!(scenes(&sandbox).status, 500);
    assert_eq!(control(&sandbox, "faults", &json!([])).json()["list"], json!([]));
    assert_eq!(scenes(&sandbox).status, 200);
    control(&sandbox, "faults", &json!([{ "kind": "status" }]));
    assert_eq!(scenes(&sandbox).status, 500);
    control(&sandbox, "reset", &Value::Null);
    assert_eq!(scenes(&sandbox).status, 200);
}
