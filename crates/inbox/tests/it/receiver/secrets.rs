//! Who knows the address, and who does not.

use weifen_inbox::{PushSecrets, Receiver, WeakSecret};

use super::wire::Answer;
use super::{SECRET, Site, patient};
use crate::support::push;

const OTHER: &str = "0123456789abcdef0123456789ABCDEF";

/// The answer to a request that is no push to a known address.
async fn asked(site: &Site, method: &str, target: &str) -> Answer {
    let mut connection = site.connect().await;
    let body = push("u");
    connection
        .send(format!("{method} {target} HTTP/1.1\r\nhost: h\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
        .await;
    connection.answer().await
}

#[tokio::test]
async fn everything_but_the_right_address_is_answered_with_the_same_bytes() {
    let site = Site::new().await;
    let nothing = asked(&site, "POST", "/").await;
    assert_eq!((nothing.status, nothing.body.as_str()), (404, ""));
    let longer = format!("/push/{SECRET}A");
    let shorter = format!("/push/{}", &SECRET[1..]);
    let other_case = format!("/push/{}", SECRET.to_lowercase());
    let encoded = format!("/push/%41{}", &SECRET[1..]);
    let slash = format!("/push/{SECRET}/");
    let deeper = format!("/push/{SECRET}/x");
    let twice = format!("/push//{SECRET}");
    let elsewhere = format!("/x/push/{SECRET}");
    let in_query = format!("/push/?{SECRET}");
    let capital = format!("/PUSH/{SECRET}");
    let wrong = [
        "/push",
        "/push/",
        "/push/x",
        "/push/0123456789abcdef0123456789abcdef",
        "/push/%ff%00",
        "/healthz",
        "/metrics",
        "*",
        &longer,
        &shorter,
        &other_case,
        &encoded,
        &slash,
        &deeper,
        &twice,
        &elsewhere,
        &in_query,
        &capital,
    ];
    for target in wrong {
        for method in ["POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "ANYTHING"] {
            assert_eq!(asked(&site, method, target).await, nothing, "{method} {target}");
        }
    }
    assert!(site.is_empty().await);
}

#[tokio::test]
async fn with_the_right_secret_other_methods_than_those_of_a_push_or_a_test_are_told_which_are() {
    let site = Site::new().await;
    for method in ["PUT", "DELETE", "OPTIONS", "PATCH", "ANYTHING"] {
        let answer = asked(&site, method, &format!("/push/{SECRET}")).await;
        assert_eq!(answer.status, 405, "{method}");
        assert!(answer.head.contains("allow: get, head, post"), "{}", answer.head);
    }
    assert!(site.is_empty().await);
}

#[tokio::test]
async fn two_secrets_are_right_while_one_takes_the_others_place() {
    let site = Site::new().await;
    let secrets = PushSecrets::new([SECRET.into(), OTHER.into()]).unwrap();
    let server = super::serve(Receiver::new(site.inbox.clone(), secrets).router(), patient()).await;
    for (secret, user) in [(SECRET, "a"), (OTHER, "b")] {
        let mut connection = super::Connection::open(server.local_addr()).await;
        assert_eq!(connection.post(&format!("/push/{secret}"), &push(user)).await.status, 200);
        assert_eq!(connection.post(&format!("/push/{}", secret.replace('A', "a")), &push("c")).await.status, 404);
    }
    assert_eq!(site.inbox.events(None, 0).await.unwrap().len(), 2);
    assert_eq!(asked(&site, "POST", &format!("/push/{OTHER}")).await.status, 404, "it is not known there");
}

#[test]
fn secrets_that_can_be_guessed_are_not_taken() {
    let taken = |secrets: &[&str]| PushSecrets::new(secrets.iter().map(|secret| (*secret).into())).map(drop);
    assert_eq!(taken(&[SECRET]), Ok(()));
    assert_eq!(taken(&[SECRET, OTHER]), Ok(()));
    assert_eq!(taken(&[]), Err(WeakSecret::Missing));
    assert_eq!(taken(&[SECRET, OTHER, SECRET]), Err(WeakSecret::TooMany));
    for weak in
        [&SECRET[1..], &OTHER[1..], "", "0123456789abcdef012345", "with space and much more", "slash/and+plus/and+more"]
    {
        assert_eq!(taken(&[SECRET, weak]), Err(WeakSecret::Guessable { number: 2 }), "{weak}");
    }
    let shown = WeakSecret::Guessable { number: 2 }.to_string();
    assert!(shown.contains("push secret 2"), "{shown}");
}
