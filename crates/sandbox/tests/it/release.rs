//! Pushes that are held back, and the order in which they go out.

use std::sync::mpsc::Receiver;

use serde_json::{Value, json};
use weifen_sandbox::{Follow, ReleaseOrder, Sandbox};

use crate::{
    partner::{control, qrcode},
    receiver::{Received, SOON, listen_for_pushes},
};

async fn start() -> (Sandbox, Receiver<Received>) {
    let (url, pushes) = listen_for_pushes(200);
    (Sandbox::builder().push_url(url).start().await.unwrap(), pushes)
}

fn users(pushes: &Receiver<Received>, count: usize) -> Vec<String> {
    let user = |push: Value| push["auth_open_id"].as_str().unwrap().to_owned();
    (0..count).map(|_| user(pushes.recv_timeout(SOON).unwrap().json())).collect()
}

async fn hold(sandbox: &Sandbox, users: &[&str]) {
    for user in users {
        qrcode(sandbox, user, &[]);
        let followed = sandbox.follow(Follow::by(*user).held(true)).await.unwrap();
        assert_eq!((followed.deliveries.len(), followed.outstanding), (0, 1));
    }
}

#[tokio::test]
async fn who_followed_first_can_be_pushed_last() {
    let (sandbox, pushes) = start().await;
    hold(&sandbox, &["a", "b", "c"]).await;
    assert_eq!(sandbox.state()["fensi"]["pushes"][0]["held"], true);
    qrcode(&sandbox, "not held", &[]);
    sandbox.follow(Follow::by("not held")).await.unwrap();
    let released = sandbox.release(ReleaseOrder::Reverse).await.unwrap();
    assert_eq!(users(&pushes, 4), ["not held", "c", "b", "a"]);
    let told: Vec<_> = released.iter().map(|followed| &followed.push["auth_open_id"]).collect();
    assert_eq!(told, ["c", "b", "a"]);
    assert!(released.iter().all(|followed| followed.deliveries[0].status == Some(200) && followed.outstanding == 0));
    assert_eq!(sandbox.state()["fensi"]["pushes"][0]["held"], false);
}

#[tokio::test]
async fn what_was_released_is_not_released_again() {
    let (sandbox, pushes) = start().await;
    hold(&sandbox, &["a", "b"]).await;
    let released = control(&sandbox, "release", &json!({})).json();
    assert_eq!(released["released"][1]["deliveries"], json!([{ "status": 200 }]));
    assert_eq!(users(&pushes, 2), ["a", "b"]);
    assert_eq!(control(&sandbox, "release", &json!({ "order": "reverse" })).json(), json!({ "released": [] }));
}

#[tokio::test]
async fn a_seed_gives_the_same_disorder_again() {
    let (sandbox, pushes) = start().await;
    let as_they_came = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut orders = Vec::new();
    for seed in [7, 7, 8] {
        hold(&sandbox, &as_they_came).await;
        assert_eq!(control(&sandbox, "release", &json!({ "order": { "shuffled": seed } })).status, 200);
        orders.push(users(&pushes, 8));
    }
    assert_eq!(orders[0], orders[1]);
    assert_ne!(orders[0], orders[2]);
    assert_ne!(orders[0], as_they_came);
    orders[0].sort();
    assert_eq!(orders[0], as_they_came);
}
