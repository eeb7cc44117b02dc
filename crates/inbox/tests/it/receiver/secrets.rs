//! Senders that know the address, and others.

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
    let server = super::serve(Receiver::new(site.inbox.0.clone(), secrets).router(), patient()).await;
    for (secret, user) in [(SECRET, "a"), (OTHER, "b")] {
        let mut connection = super::Connection::open(server.local_addr()).await;
        assert_eq!(connection.post(&format!("/push/{secret}"), &push(user)).await.status, 200);
        assert_eq!(connection.post(&format!("/push/{}", secret.replace('A', "a")), &push("c")).await.status, 404);
    }
    assert_eq!(site.inbox.events(None, 0).await.unwrap().len(), 2);
    assert_eq!(asked(&site, "POST", &format!("/push/{OTHER}")).await.status, 404, "it is not known there");
}

/// A secret as JSON, a form and both may write it.
fn encoded(secret: &str) -> Vec<String> {
    let each = |write: fn(u8) -> String| secret.bytes().map(write).collect::<String>();
    let escaped = each(|byte| format!("\\u{byte:04x}"));
    let percent = each(|byte| format!("%{byte:02X}"));
    vec![
        secret.to_owned(),
        percent.to_lowercase(),
        format!("{}{}", &escaped[..6 * 9], &secret[9..]),
        format!("{}{}", &secret[..5], &percent[3 * 5..]),
        format!("{}{}", &percent[..3 * 11], &escaped[6 * 11..]),
        percent.replace('%', "%25"),
        percent.replace('%', "\\u0025"),
        escaped.replace('\\', "%5C"),
        escaped.to_uppercase().replace("\\U", "\\u"),
        escaped,
        percent,
    ]
}

/// Every text in what another program finds in the database: as it is, and as JSON and forms are read.
async fn everything_kept(site: &Site) -> String {
    let kept = site.looked_at_by_another().await;
    let mut texts = Vec::new();
    for event in kept.events(None, 0).await.unwrap() {
        texts.push(serde_json::to_string(&event.push.unwrap()).unwrap());
    }
    for quarantined in kept.quarantined(0).await.unwrap() {
        texts.push(String::from_utf8(quarantined.raw).unwrap());
        texts.extend(quarantined.content_type);
    }
    let mut decoded = texts.join("\n");
    for _ in 0..3 {
        let ascii = (0x20_u8..0x7f).map(|byte| (format!("\\u{byte:04x}"), char::from(byte).to_string()));
        for (escape, text) in ascii {
            decoded = decoded.replace(&escape.to_uppercase().replace("\\U", "\\u"), &text).replace(&escape, &text);
        }
        decoded = percent_encoding::percent_decode_str(&decoded).decode_utf8_lossy().into_owned();
    }
    texts.push(decoded);
    texts.join("\n")
}

/// Requests that hold the secret: in a field of a push, in a field's name, and in a body that can't be parsed.
fn packets(user: &str, written: &str) -> [(&'static str, String); 6] {
    let field = |field: String| push(user).replace("\"nickname\"", &format!("{field},\"nickname\""));
    let url = format!("https:\\/\\/shop.example\\/push\\/{written}");
    let part = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
    [
        ("application/json", field(format!("\"server_url\":\"{url}\""))),
        ("application/json", field(format!("\"{written}\":1"))),
        ("application/json", push(written)),
        ("text/plain", format!("{{\"server_url\": \"{url}, {written}{written}")),
        ("multipart/form-data", format!("{part}{written}")),
        ("text/plain; charset=big5", format!("追 {written}")),
    ]
}

#[tokio::test]
async fn no_secret_in_use_is_kept_however_it_is_written() {
    let site = Site::new().await;
    let secrets = PushSecrets::new([SECRET.into(), OTHER.into()]).unwrap();
    let server = super::serve(Receiver::new(site.inbox.0.clone(), secrets).router(), patient()).await;
    let ask = async |request: String| {
        let mut connection = super::Connection::open(server.local_addr()).await;
        connection.send(request).await;
        assert_eq!(connection.answer().await.status, 200);
    };
    let written: Vec<_> = [SECRET, OTHER].into_iter().flat_map(encoded).collect();
    for (number, written) in written.iter().enumerate() {
        for (content_type, body) in packets(&format!("u{number}"), written) {
            let length = body.len();
            ask(format!(
                "POST /push/{OTHER} HTTP/1.1\r\nhost: h\r\ncontent-type: {content_type}; note={written}\r\n\
                 content-length: {length}\r\n\r\n{body}"
            ))
            .await;
        }
        let query = written.replace('\\', "%5C");
        ask(format!("GET /push/{SECRET}?a={query}&b=c HTTP/1.1\r\nhost: h\r\n\r\n")).await;
    }
    let kept = everything_kept(&site).await;
    assert!(kept.matches("redacted").count() >= written.len() * 6, "{kept}");
    for secret in [SECRET, OTHER] {
        assert!(!kept.contains(&secret[..secret.len() / 2]), "{kept}");
    }
}

#[tokio::test]
async fn of_a_secret_that_was_cut_short_nothing_is_kept_and_what_resembles_it_is() {
    let site = Site::new().await;
    site.post(&format!("https://shop.example/push/{}... {}", &SECRET[..15], SECRET.to_lowercase())).await;
    let kept = everything_kept(&site).await;
    assert!(kept.contains(&format!("https://shop.example/push/redacted... {}", SECRET.to_lowercase())), "{kept}");
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
