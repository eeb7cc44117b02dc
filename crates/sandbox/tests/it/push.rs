//! Follow, and the push that a partner receives.

use std::net::TcpListener;

use serde_json::json;
use weifen_sandbox::{Follow, Sandbox, test_data};

use crate::{
    partner::{control, qrcode, start},
    receiver::{SOON, listen_for_pushes},
};

#[tokio::test]
async fn a_follow_sends_the_documented_push() {
    let sandbox = start().await;
    let (url, pushes) = listen_for_pushes(200);
    sandbox.set_push_url(Some(&url)).unwrap();
    qrcode(&sandbox, "user-1", &[("key", "another-device"), ("nickname", "小明")]);
    let followed = sandbox.follow(Follow::by("user-1")).await.unwrap();
    let received = pushes.recv_timeout(SOON).unwrap();
    assert!(received.head.starts_with("POST /push/here?from=fensi HTTP/1.1"), "{}", received.head);
    assert_eq!(received.header("content-type"), "application/json");
    let push = received.json();
    assert_eq!(push, followed.push);
    let openid = push["openid"].as_str().unwrap();
    assert_eq!(openid.len(), 28);
    let expected = json!({
        "server_url": sandbox.fensi_base_url(),
        "key": "another-device",
        "develop_appid": test_data::DEVELOP_APPID,
        "auth_open_id": "user-1",
        "bidding": 3,
        "appid": "wx3cc413efaf3b1922",
        "appname": "七彩东莞",
        "openid": openid,
        "nickname": "小明",
    });
    assert_eq!(push, expected);
    assert_eq!((followed.deliveries.len(), followed.deliveries[0].status), (1, Some(200)));
}

#[tokio::test]
async fn a_state_comes_back_in_the_push() {
    let sandbox = start().await;
    qrcode(&sandbox, "user", &[("state", "order 42")]);
    let followed = sandbox.follow(Follow::by("user")).await.unwrap();
    assert_eq!(followed.push["state"], "order 42");
}

#[tokio::test]
async fn a_push_can_be_sent_many_times() {
    let sandbox = start().await;
    let (url, pushes) = listen_for_pushes(503);
    assert_eq!(control(&sandbox, "push_url", &json!({ "url": url })).status, 200);
    qrcode(&sandbox, "user", &[]);
    let answer = control(&sandbox, "follow", &json!({ "auth_open_id": "user", "times": 3 }));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["deliveries"], json!([{ "status": 503 }, { "status": 503 }, { "status": 503 }]));
    let received: Vec<_> = (0..3).map(|_| pushes.recv_timeout(SOON).unwrap().json()).collect();
    assert!(received.iter().all(|push| *push == answer.json()["push"]));
    let kept = &sandbox.state()["fensi"]["pushes"][0];
    assert_eq!((&kept["push"], &kept["deliveries"]), (&answer.json()["push"], &answer.json()["deliveries"]));
}

#[tokio::test]
async fn the_account_offered_last_is_followed_unless_another_is_named() {
    let sandbox = start().await;
    qrcode(&sandbox, "user", &[("label", "4")]);
    qrcode(&sandbox, "user", &[("label", "6"), ("nickname", "later")]);
    let last = sandbox.follow(Follow::by("user")).await.unwrap();
    assert_eq!((&last.push["appname"], &last.push["nickname"]), (&json!("沙盒超市"), &json!("later")));
    let named = sandbox.follow(Follow::by("user").appid("wxsandboxmale000004")).await.unwrap();
    assert_eq!(named.push["appname"], "沙盒影院");
    let never_offered = sandbox.follow(Follow::by("user").appid("wx3cc413efaf3b1922")).await.unwrap();
    assert_eq!((&never_offered.push["key"], &never_offered.push["nickname"]), (&json!(test_data::KEY), &json!("")));
}

#[tokio::test]
async fn an_account_offered_again_is_pushed_as_offered_last() {
    let sandbox = start().await;
    qrcode(&sandbox, "user", &[("nickname", "old"), ("state", "old")]);
    qrcode(&sandbox, "user", &[("label", "6")]);
    qrcode(&sandbox, "user", &[("nickname", "new")]);
    let push = sandbox.follow(Follow::by("user")).await.unwrap().push;
    assert_eq!((&push["appname"], &push["nickname"]), (&json!("七彩东莞"), &json!("new")));
    assert_eq!(push.get("state"), None);
}

#[tokio::test]
async fn following_again_books_and_pushes_again() {
    let sandbox = start().await;
    qrcode(&sandbox, "user", &[]);
    let first = sandbox.follow(Follow::by("user")).await.unwrap();
    let second = sandbox.follow(Follow::by("user")).await.unwrap();
    assert_eq!(first.push, second.push);
    assert_eq!(sandbox.state()["fensi"]["follows"], json!({ "user": { "wx3cc413efaf3b1922": 2 } }));
}

#[tokio::test]
async fn without_a_push_url_the_follow_happens_unheard() {
    let sandbox = start().await;
    qrcode(&sandbox, "user", &[]);
    let answer = control(&sandbox, "follow", &json!({ "auth_open_id": "user" })).json();
    assert_eq!(answer["deliveries"], json!([]));
    assert_eq!(qrcode(&sandbox, "user", &[])["data"]["appname"], "沙盒影院");
}

#[tokio::test]
async fn a_receiver_that_is_away_is_told_in_words() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let gone = socket.local_addr().unwrap();
    let sandbox = Sandbox::builder().push_url(format!("http://{gone}/push")).start().await.unwrap();
    qrcode(&sandbox, "user", &[]);
    let followed = sandbox.follow(Follow::by("user")).await.unwrap();
    let delivery = &followed.deliveries[0];
    assert_eq!(delivery.status, None);
    assert!(delivery.error.as_deref().unwrap().starts_with("no connection"), "{delivery:?}");
}

#[tokio::test]
async fn a_receiver_that_speaks_no_http_is_told_in_words() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let sandbox =
        Sandbox::builder().push_url(format!("http://{}/", listener.local_addr().unwrap())).start().await.unwrap();
    std::thread::spawn(move || drop(listener.accept()));
    qrcode(&sandbox, "user", &[]);
    let followed = sandbox.follow(Follow::by("user")).await.unwrap();
    assert!(followed.deliveries[0].error.as_deref().unwrap().starts_with("the connection failed"));
}

#[tokio::test]
async fn pushes_stay_on_this_machine() {
    let sandbox = start().await;
    for url in [
        "http://192.0.2.1/push",
        "http://partner.test/push",
        "https://127.0.0.1/push",
        "http://user:password@127.0.0.1/",
        "file:///etc/passwd",
        "127.0.0.1:80",
        "",
    ] {
        let reply = control(&sandbox, "push_url", &json!({ "url": url }));
        assert_eq!(reply.status, 400, "{url}");
        assert!(!reply.text().contains("password@"));
        assert!(reply.json()["error"].as_str().unwrap().starts_with("the push URL"), "{}", reply.text());
        assert!(Sandbox::builder().push_url(url).start().await.is_err(), "{url}");
    }
    for url in ["http://localhost:1/push", "http://[::1]:1/", "http://127.1.2.3:1/"] {
        assert_eq!(control(&sandbox, "push_url", &json!({ "url": url })).status, 200, "{url}");
    }
    let far = Sandbox::builder().push_anywhere(true).push_url("http://192.0.2.1/push").start().await;
    assert_eq!(far.unwrap().state()["fensi"]["push_url"], "http://192.0.2.1/push");
}
