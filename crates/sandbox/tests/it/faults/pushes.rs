//! Faults of the push.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use weifen_sandbox::{Follow, Sandbox};

use super::set_faults;
use crate::{
    partner::qrcode,
    receiver::{SOON, listen_for_pushes},
};

async fn start_with(url: String, fault: Value) -> Sandbox {
    let sandbox = Sandbox::builder().push_url(url).start().await.unwrap();
    qrcode(&sandbox, "user", &[]);
    set_faults(&sandbox, 1, &Value::Array(vec![fault]));
    sandbox
}

#[tokio::test]
async fn a_lost_push_never_comes_and_the_follow_happened() {
    let (url, pushes) = listen_for_pushes(200);
    let sandbox = start_with(url, json!({ "kind": "lost-push", "times": 1 })).await;
    let lost = sandbox.follow(Follow::by("user").times(3)).await.unwrap();
    assert_eq!((lost.deliveries.len(), lost.outstanding), (0, 0));
    assert_eq!(sandbox.state()["fensi"]["follows"]["user"]["wx3cc413efaf3b1922"], 1);
    assert_eq!(sandbox.state()["fensi"]["pushes"][0]["fault"], "lost-push");
    // The first that comes is the next one's.
    qrcode(&sandbox, "another", &[]);
    sandbox.follow(Follow::by("another")).await.unwrap();
    assert_eq!(pushes.recv_timeout(SOON).unwrap().json()["auth_open_id"], "another");
    assert_eq!(sandbox.state()["fensi"]["pushes"][1]["fault"], json!(null));
}

#[tokio::test]
async fn a_slow_push_takes_its_time_and_comes_whole() {
    let (url, pushes) = listen_for_pushes(200);
    let slow = json!({ "kind": "slow-push", "operation": "push", "over_ms": 400 });
    let sandbox = start_with(url, slow).await;
    let begun = Instant::now();
    let followed = sandbox.follow(Follow::by("user")).await.unwrap();
    assert_eq!(followed.outstanding, 1);
    assert_eq!(pushes.recv_timeout(SOON).unwrap().json(), followed.push);
    assert!(begun.elapsed() >= Duration::from_millis(400));
    assert_eq!(sandbox.state()["fensi"]["pushes"][0]["fault"], "slow-push");
    assert_eq!(sandbox.state()["faults"]["list"][0]["happened"], 1);
}

#[tokio::test]
async fn a_push_that_goes_nowhere_meets_no_fault() {
    let sandbox = crate::partner::start().await;
    qrcode(&sandbox, "user", &[]);
    set_faults(&sandbox, 1, &json!([{ "kind": "lost-push" }]));
    sandbox.follow(Follow::by("user")).await.unwrap();
    assert_eq!(sandbox.state()["faults"]["list"][0]["happened"], 0);
}
