//! The operation whose path the vendor doesn't document.

use weifen_transport::{ErrorKind, Outcome};
use weifen_weiting::BoundUserRequest;

use crate::canned::{TOKEN, answering, builder, client};

#[tokio::test]
async fn without_a_configured_path_the_error_says_why() {
    let transport = answering("{}");
    let request = BoundUserRequest::new("o-1".parse().unwrap());
    let error = client(&transport).bound_user(&request).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Config, Outcome::NotSent));
    let text = error.to_string();
    assert!(text.contains("user_path is not set") && text.contains("the vendor's document gives no path"), "{text}");
    assert!(transport.requests().is_empty(), "not even a token was fetched");
}

#[tokio::test]
async fn it_is_asked_at_the_configured_path() {
    let transport = answering(r#"{"flag": 0, "result": {"openid": "o-1", "accounts": []}}"#);
    let client = builder(&transport).user_path("/service/user").build().unwrap();
    assert!(client.bound_user(&BoundUserRequest::new("o-1".parse().unwrap())).await.unwrap().slots.is_empty());
    let sent = transport.requests().pop().unwrap();
    let token: String = form_urlencoded::byte_serialize(TOKEN.as_bytes()).collect();
    assert_eq!(sent.uri().to_string(), format!("https://m.sh.189.cn/service/user?access_token={token}&openid=o-1"));
}
