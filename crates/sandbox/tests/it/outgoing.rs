//! When, how fast and how often a push arrives.

use std::{
    io::{ErrorKind, Read},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use weifen_sandbox::{Follow, ReleaseOrder, Sandbox};

use crate::{
    partner::{control, qrcode},
    receiver::{Received, SOON, answer, bind, listen_for_pushes, read, read_head},
};

const TEN_MINUTES: Duration = Duration::from_mins(10);

async fn start_with(push_url: String) -> Sandbox {
    let sandbox = Sandbox::builder().push_url(push_url).start().await.unwrap();
    qrcode(&sandbox, "user", &[]);
    sandbox
}

/// The only push, once nothing of it is outstanding.
async fn ended(sandbox: &Sandbox) -> Value {
    let push = || sandbox.state()["fensi"]["pushes"][0].clone();
    let nothing_outstanding = async {
        while push()["outstanding"] != 0 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, nothing_outstanding).await.unwrap();
    push()
}

/// A receiver that has the beginning of a push whose body takes ten minutes.
async fn begin_slow_push() -> (Sandbox, TcpStream, Received) {
    let (listener, url) = bind();
    let sandbox = start_with(url).await;
    let following = sandbox.follow(Follow::by("user").over(TEN_MINUTES));
    let followed = timeout(SOON, following).await.unwrap().unwrap();
    assert_eq!(followed.outstanding, 1);
    let (mut stream, _) = listener.accept().unwrap();
    let begun = read_head(&mut stream);
    assert!(begun.body.len() < begun.header("content-length").parse().unwrap());
    (sandbox, stream, begun)
}

fn breaks_off(mut stream: TcpStream, begun: &Received) -> bool {
    stream.set_read_timeout(Some(SOON)).unwrap();
    let mut rest = Vec::new();
    let still_open = stream.read_to_end(&mut rest).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
    let whole: usize = begun.header("content-length").parse().unwrap();
    !still_open && begun.body.len() + rest.len() < whole
}

#[tokio::test]
async fn copies_at_once_have_all_come_before_the_first_is_answered() {
    let (listener, url) = bind();
    let sandbox = start_with(url).await;
    let receiver = thread::spawn(move || {
        let mut streams: Vec<_> = (0..64).map(|_| listener.accept().unwrap().0).collect();
        let received: Vec<_> = streams.iter_mut().map(|stream| read(stream).json()).collect();
        for stream in &mut streams {
            answer(stream, 200);
        }
        received
    });
    let following = sandbox.follow(Follow::by("user").times(64).at_once(true));
    let followed = timeout(SOON, following).await.unwrap().unwrap();
    assert_eq!((followed.deliveries.len(), followed.outstanding), (64, 0));
    assert!(followed.deliveries.iter().all(|delivery| delivery.status == Some(200)), "{:?}", followed.deliveries);
    assert!(receiver.join().unwrap().iter().all(|push| *push == followed.push));
}

#[tokio::test]
async fn a_late_push_comes_after_the_follow_was_answered() {
    let (url, pushes) = listen_for_pushes(503);
    let sandbox = start_with(url).await;
    let begun = Instant::now();
    let answer = control(&sandbox, "follow", &json!({ "auth_open_id": "user", "times": 2, "delay_ms": 400 })).json();
    assert_eq!((&answer["deliveries"], &answer["outstanding"]), (&json!([]), &json!(2)));
    assert_eq!(pushes.recv_timeout(SOON).unwrap().json(), answer["push"]);
    assert!(begun.elapsed() >= Duration::from_millis(400));
    assert_eq!(pushes.recv_timeout(SOON).unwrap().json(), answer["push"]);
    let push = ended(&sandbox).await;
    assert_eq!((&push["push"], &push["deliveries"]), (&answer["push"], &json!([{ "status": 503 }, { "status": 503 }])));
}

#[tokio::test]
async fn a_slow_push_arrives_whole_in_the_end() {
    let (url, pushes) = listen_for_pushes(200);
    let sandbox = start_with(url).await;
    let begun = Instant::now();
    let followed = sandbox.follow(Follow::by("user").over(Duration::from_millis(400))).await.unwrap();
    assert_eq!(pushes.recv_timeout(SOON).unwrap().json(), followed.push);
    assert!(begun.elapsed() >= Duration::from_millis(400));
    assert_eq!(ended(&sandbox).await["deliveries"], json!([{ "status": 200 }]));
}

#[tokio::test]
async fn a_receiver_can_refuse_a_slow_push_before_its_end() {
    let (sandbox, mut stream, _) = begin_slow_push().await;
    answer(&mut stream, 408);
    drop(stream);
    assert_eq!(ended(&sandbox).await["deliveries"], json!([{ "status": 408 }]));
}

#[tokio::test]
async fn pushes_on_their_way_end_with_the_sandbox() {
    let (sandbox, stream, begun) = begin_slow_push().await;
    sandbox.follow(Follow::by("user").delay(TEN_MINUTES)).await.unwrap();
    sandbox.follow(Follow::by("user").held(true)).await.unwrap();
    drop(sandbox);
    assert!(breaks_off(stream, &begun));
}

#[tokio::test]
async fn a_stop_does_not_wait_for_pushes_on_their_way() {
    let (sandbox, stream, begun) = begin_slow_push().await;
    sandbox.follow(Follow::by("user").delay(TEN_MINUTES)).await.unwrap();
    sandbox.stop().await;
    assert!(breaks_off(stream, &begun));
}

#[tokio::test]
async fn a_reset_ends_pushes_on_their_way() {
    let (sandbox, stream, begun) = begin_slow_push().await;
    sandbox.follow(Follow::by("user").held(true)).await.unwrap();
    sandbox.reset();
    assert!(breaks_off(stream, &begun));
    assert_eq!(sandbox.state()["fensi"]["pushes"], json!([]));
    assert_eq!(sandbox.release(ReleaseOrder::AsTheyCame).await.unwrap(), []);
}

#[tokio::test]
async fn a_follow_can_happen_that_no_push_ever_tells_of() {
    let (url, pushes) = listen_for_pushes(200);
    let sandbox = start_with(url).await;
    let budget = || sandbox.state()["fensi"]["accounts"][0]["budget"].as_u64().unwrap();
    let before = budget();
    let never = sandbox.follow(Follow::by("user").times(0)).await.unwrap();
    assert_eq!((never.deliveries.len(), never.outstanding), (0, 0));
    assert_eq!(budget(), before - 3);
    assert_eq!(sandbox.state()["fensi"]["follows"], json!({ "user": { "wx3cc413efaf3b1922": 1 } }));
    let shown = &sandbox.state()["fensi"]["pushes"][0];
    assert_eq!((&shown["push"], &shown["deliveries"], &shown["outstanding"]), (&never.push, &json!([]), &json!(0)));
    // The first that comes is another's.
    qrcode(&sandbox, "another", &[]);
    sandbox.follow(Follow::by("another")).await.unwrap();
    assert_eq!(pushes.recv_timeout(SOON).unwrap().json()["auth_open_id"], "another");
}

#[tokio::test]
async fn all_that_json_can_ask_for_goes_together() {
    let (url, pushes) = listen_for_pushes(200);
    let sandbox = start_with(url).await;
    let follow = json!({
        "auth_open_id": "user",
        "appid": "wxsandboxmale000004",
        "times": 2,
        "at_once": true,
        "delay_ms": 1,
        "over_ms": 1,
        "shape": "observed",
        "held": true,
    });
    let followed = control(&sandbox, "follow", &follow).json();
    assert_eq!(followed["outstanding"], 2);
    let released = control(&sandbox, "release", &json!({ "order": "as_they_came" })).json();
    assert_eq!(released["released"][0]["outstanding"], 2, "nobody waits for what is late");
    for _ in 0..2 {
        assert_eq!(pushes.recv_timeout(SOON).unwrap().json(), followed["push"]);
    }
    assert_eq!(ended(&sandbox).await["deliveries"], json!([{ "status": 200 }, { "status": 200 }]));
}
