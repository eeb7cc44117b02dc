//! What a push looks like on the wire, as its receiver sees it.

use serde_json::{Value, json};
use weifen_sandbox::{Follow, PushShape, Sandbox, test_data};

use crate::{
    partner::{control, qrcode, start},
    receiver::{Received, SOON, listen_for_pushes},
};

/// A push of that shape as it was received, and as the sandbox tells of it.
async fn push(sandbox: &Sandbox, shape: PushShape) -> (Received, Value, String) {
    let (url, pushes) = listen_for_pushes(200);
    sandbox.set_push_url(Some(&url)).unwrap();
    qrcode(sandbox, "user", &[("label", "6"), ("nickname", "小明 & 小红"), ("state", "order 42")]);
    let followed = sandbox.follow(Follow::by("user").appid("wxsandboxverify0006").shape(shape)).await.unwrap();
    assert_eq!(followed.deliveries[0].status, Some(200));
    (pushes.recv_timeout(SOON).unwrap(), followed.push, url)
}

fn as_observed(url: &str) -> Value {
    json!({
        "server_url": url,
        "key": test_data::KEY,
        "develop_appid": test_data::DEVELOP_APPID,
        "auth_open_id": "user",
        "bidding": "80",
        "appid": "wxsandboxverify0006",
        "appname": "沙盒超市",
        "nickname": "小明 & 小红",
        "state": "order 42",
    })
}

#[tokio::test]
async fn the_trailing_comma_is_where_the_document_has_it() {
    let (received, told, _) = push(&start().await, PushShape::TrailingComma).await;
    assert_eq!(received.header("content-type"), "application/json");
    assert!(serde_json::from_slice::<Value>(&received.body).is_err());
    let text = received.text();
    let fields = text.strip_suffix(",\n}").unwrap();
    let repaired: Value = serde_json::from_str(&format!("{fields}}}")).unwrap();
    assert_eq!(repaired, told);
    assert_eq!((&told["bidding"], told["openid"].as_str().unwrap().len()), (&json!(80), 28));
}

#[tokio::test]
async fn a_push_as_observed_has_no_openid_and_texts_alone() {
    let (received, told, url) = push(&start().await, PushShape::Observed).await;
    assert_eq!(received.header("content-type"), "application/json");
    assert_eq!(received.json(), as_observed(&url));
    assert_eq!(told, as_observed(&url));
}

#[tokio::test]
async fn a_form_holds_what_was_observed() {
    let (received, told, url) = push(&start().await, PushShape::Form).await;
    assert_eq!(received.header("content-type"), "application/x-www-form-urlencoded");
    let pairs = form_urlencoded::parse(&received.body);
    let fields: Value = pairs.map(|(name, value)| (name.into_owned(), json!(value))).collect();
    assert_eq!(fields, as_observed(&url));
    assert_eq!(told, as_observed(&url));
}

#[tokio::test]
async fn one_user_can_be_pushed_in_every_shape() {
    let sandbox = start().await;
    let (url, pushes) = listen_for_pushes(200);
    sandbox.set_push_url(Some(&url)).unwrap();
    qrcode(&sandbox, "user", &[]);
    for shape in ["json", "trailing_comma", "observed", "form"] {
        let reply = control(&sandbox, "follow", &json!({ "auth_open_id": "user", "shape": shape }));
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    let bodies: Vec<_> = (0..4).map(|_| pushes.recv_timeout(SOON).unwrap().text()).collect();
    assert!(bodies.iter().all(|body| body.contains("wx3cc413efaf3b1922")), "{bodies:?}");
    let different: std::collections::BTreeSet<_> = bodies.iter().collect();
    assert_eq!(different.len(), 4, "{bodies:?}");
}
