//! The forms in which a push may come, and the charsets that it may declare.

use encoding_rs::{GB18030, GBK};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use weifen_inbox::{Bookings, Push};

use super::{SECRET, Site};
use crate::support::{booking, push};

const NICKNAME: &str = "追梦小窝";

/// The fields of a push for `user`, of which one is its nickname.
fn fields(user: &str) -> [(&str, &str); 7] {
    [
        ("key", "device-1"),
        ("develop_appid", "fs-developer"),
        ("auth_open_id", user),
        ("bidding", "60"),
        ("appid", "wx-account"),
        ("appname", "七彩东莞"),
        ("nickname", NICKNAME),
    ]
}

fn json(user: &str) -> String {
    let fields = fields(user).map(|(name, value)| format!("\"{name}\": \"{value}\""));
    format!("{{{},}}", fields.join(", "))
}

/// As PHP's curl makes it of an array, with the bytes of each value as `encoded` has them.
fn multipart(user: &str, boundary: &str, encoded: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields(user) {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend([head.as_bytes(), &encoded(value), b"\r\n"].concat());
    }
    body.extend(format!("--{boundary}--\r\n").as_bytes());
    body
}

fn utf8(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn gbk(text: &str) -> Vec<u8> {
    GBK.encode(text).0.into_owned()
}

/// A form with the bytes of each value as `encoded` has them, percent-encoded.
fn form(user: &str, encoded: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let pairs =
        fields(user).map(|(name, value)| format!("{name}={}", percent_encode(&encoded(value), NON_ALPHANUMERIC)));
    pairs.join("&").into_bytes()
}

async fn post(site: &Site, target: &str, content_type: &str, body: &[u8]) -> u16 {
    let mut connection = site.connect().await;
    let header = if content_type.is_empty() { String::new() } else { format!("content-type: {content_type}\r\n") };
    let length = body.len();
    let head = format!("POST {target} HTTP/1.1\r\nhost: h\r\n{header}content-length: {length}\r\n\r\n");
    connection.send([head.as_bytes(), body].concat()).await;
    connection.answer().await.status
}

/// Posts a body; returns the push that it becomes, or the reason for its quarantine.
async fn becomes(content_type: &str, body: &[u8]) -> Result<Push, String> {
    let site = Site::new().await;
    assert_eq!(post(&site, &format!("/push/{SECRET}"), content_type, body).await, 200, "{content_type}");
    let kept = site.looked_at_by_another().await;
    if let Some(quarantined) = kept.quarantined(0).await.unwrap().pop() {
        assert_eq!(quarantined.raw, body, "{content_type}");
        assert_eq!(quarantined.content_type.unwrap_or_default(), content_type);
        return Err(quarantined.reason);
    }
    Ok(kept.events(None, 0).await.unwrap().remove(0).push.unwrap())
}

#[tokio::test]
async fn a_multipart_body_is_read_as_the_form_that_it_is() {
    let php = "------------------------d74496d66958873e";
    let declared = format!("multipart/form-data; boundary={php}");
    let cases = [
        (declared.as_str(), php),
        // What senders make of the header.
        ("", php),
        ("multipart/form-data", php),
        ("Multipart/Form-Data; boundary=\"another\"", php),
        ("application/json", php),
        ("multipart/form-data; boundary==_odd:'()+,./?", "=_odd:'()+,./?"),
        ("multipart/form-data; boundary=1", "1"),
    ];
    for (content_type, boundary) in cases {
        let push = becomes(content_type, &multipart("u", boundary, utf8)).await.unwrap();
        assert_eq!((push.auth_open_id.as_str(), push.nickname.as_str()), ("u", NICKNAME), "{content_type}");
        assert_eq!(push.appname.as_deref(), Some("七彩东莞"));
    }
}

#[tokio::test]
async fn a_form_or_json_that_is_called_multipart_is_read_as_what_it_is() {
    for body in [form("u", utf8), json("u").into_bytes()] {
        for content_type in ["multipart/form-data", "multipart/form-data; boundary=x"] {
            assert_eq!(becomes(content_type, &body).await.unwrap().nickname, NICKNAME);
        }
    }
}

#[tokio::test]
async fn a_file_in_a_multipart_body_is_no_field() {
    let file = "--x\r\nContent-Disposition: form-data; name=\"state\"; filename=\"state.txt\"\r\n\
                Content-Type: text/plain\r\n\r\nof a file\r\n";
    let body = [file.as_bytes(), &multipart("u", "x", utf8)].concat();
    assert_eq!(becomes("multipart/form-data; boundary=x", &body).await.unwrap().state, None);
    let nameless =
        [b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n".as_slice(), &multipart("u", "x", utf8)].concat();
    assert_eq!(becomes("multipart/form-data; boundary=x", &nameless).await.unwrap().nickname, NICKNAME);
}

#[tokio::test]
async fn what_decides_is_as_strict_in_a_multipart_body_as_in_a_form() {
    let twice = "--x\r\nContent-Disposition: form-data; name=\"auth_open_id\"\r\n\r\nanother\r\n";
    let body = [twice.as_bytes(), &multipart("u", "x", utf8)].concat();
    assert!(becomes("multipart/form-data; boundary=x", &body).await.is_err());
    let without = String::from_utf8(multipart("u", "x", utf8)).unwrap().replace("name=\"key\"", "name=\"kex\"");
    let why = becomes("multipart/form-data; boundary=x", without.as_bytes()).await.unwrap_err();
    assert!(why.contains("key"), "{why}");
}

#[tokio::test]
async fn a_multipart_body_that_is_broken_is_kept_in_quarantine() {
    let whole = multipart("u", "x", utf8);
    let cut = &whole[..whole.len() - 7];
    let crowded = vec![b"x: y\r\n".as_slice(); 100].concat();
    let crowded = [b"--x\r\n".as_slice(), &crowded, b"\r\n\r\n--x--\r\n"].concat();
    for body in [cut, b"--x\r\n", b"--x\r\n\r\n", &crowded, b"--x\r\n\xff: \xff\r\n\r\n--x--\r\n"] {
        let why = becomes("multipart/form-data; boundary=x", body).await.unwrap_err();
        assert!(why.contains("multipart body is broken") && why.contains("closing boundary"), "{why}");
    }
    for body in [b"--".as_slice(), b"--\r\n--\r\n", b"--x", b"--x--\r\n"] {
        assert!(becomes("multipart/form-data; boundary=x", body).await.is_err());
    }
}

#[tokio::test]
async fn a_declared_charset_is_honoured() {
    let gb18030 = |text: &str| GB18030.encode(text).0.into_owned();
    let json = json("u");
    for label in ["GBK", "gbk", "\"GBK\"", "GB2312", "gb2312", "x-gbk"] {
        for (media, body) in [
            ("application/json", gbk(&json)),
            ("application/x-www-form-urlencoded", form("u", gbk)),
            ("text/plain", gbk(&json)),
            ("multipart/form-data; boundary=x", multipart("u", "x", gbk)),
        ] {
            let push = becomes(&format!("{media}; charset={label}"), &body).await.unwrap();
            assert_eq!(
                (push.nickname.as_str(), push.appname.as_deref()),
                (NICKNAME, Some("七彩东莞")),
                "{media} {label}"
            );
        }
    }
    let rare = json.replace(NICKNAME, "𠮷 €");
    let push = becomes("application/json;CHARSET=gb18030;x=y", &gb18030(&rare)).await.unwrap();
    assert_eq!(push.nickname, "𠮷 €");
    let raw = [b"nickname=".as_slice(), &gbk(NICKNAME), b"+%26&", &form("u", gbk)[..]].concat();
    let raw = &raw[..raw.windows(10).rposition(|window| window == b"&nickname=").unwrap()];
    let push = becomes("application/x-www-form-urlencoded; charset=gbk", raw).await.unwrap();
    assert_eq!(push.nickname, format!("{NICKNAME} &"), "unescaped, but for what has to be");
    for label in ["utf-8", "UTF8", "'utf-8'", ""] {
        let push = becomes(&format!("application/json; charset={label}"), json.as_bytes()).await.unwrap();
        assert_eq!(push.nickname, NICKNAME, "{label}");
    }
}

#[tokio::test]
async fn a_multipart_body_may_declare_its_charset_inside() {
    let declared = [
        b"--x\r\nContent-Disposition: form-data; name=\"_charset_\"\r\n\r\ngbk\r\n".as_slice(),
        &multipart("u", "x", gbk),
    ]
    .concat();
    assert_eq!(becomes("multipart/form-data; boundary=x", &declared).await.unwrap().nickname, NICKNAME);
    let own = String::from_utf8(multipart("u", "x", utf8)).unwrap();
    let (head, tail) = own.split_once("name=\"nickname\"\r\n").unwrap();
    let tail = tail.strip_prefix(&format!("\r\n{NICKNAME}")).unwrap();
    let own = [
        head.as_bytes(),
        b"name=\"nickname\"\r\nContent-Type: text/plain; charset=GBK\r\n\r\n",
        &gbk(NICKNAME),
        tail.as_bytes(),
    ]
    .concat();
    assert_eq!(becomes("multipart/form-data; boundary=x; charset=utf-8", &own).await.unwrap().nickname, NICKNAME);
}

#[tokio::test]
async fn a_charset_that_is_not_declared_is_not_guessed() {
    for (content_type, body) in [
        ("application/json", gbk(&json("u"))),
        ("application/json; charset=utf-8", gbk(&json("u"))),
        ("application/x-www-form-urlencoded", form("u", gbk)),
        ("multipart/form-data; boundary=x", multipart("u", "x", gbk)),
    ] {
        let why = becomes(content_type, &body).await.unwrap_err();
        assert!(why.contains("looks like GBK"), "{content_type}: {why}");
    }
}

#[tokio::test]
async fn a_charset_that_is_not_known_is_refused_unless_all_is_ascii() {
    for label in ["big5", "shift_jis", "iso-8859-1", "klingon", "utf-16"] {
        for (media, body) in [
            ("application/json", json("u").into_bytes()),
            ("application/x-www-form-urlencoded", form("u", utf8)),
            ("multipart/form-data; boundary=x", multipart("u", "x", utf8)),
        ] {
            let why = becomes(&format!("{media}; charset={label}"), &body).await.unwrap_err();
            assert!(why.contains("charset") && why.contains("GB18030"), "{media} {label}: {why}");
            assert!(!why.contains(label), "{why}");
        }
        let ascii = push("u");
        assert_eq!(becomes(&format!("text/plain; charset={label}"), ascii.as_bytes()).await.unwrap().nickname, "");
    }
}

#[tokio::test]
async fn a_declared_charset_is_the_querys_too() {
    let site = Site::new().await;
    let target = format!("/push/{SECRET}?{}", String::from_utf8(form("u", gbk)).unwrap());
    assert_eq!(post(&site, &target, "application/x-www-form-urlencoded; charset=GBK", b"").await, 200);
    let event = site.looked_at_by_another().await.events(None, 0).await.unwrap().remove(0);
    assert_eq!(event.push.unwrap().nickname, NICKNAME);
}

#[tokio::test]
async fn the_secret_is_not_kept_in_what_was_converted() {
    let site = Site::new().await;
    site.inbox.book(&booking("u")).await.unwrap();
    let url = format!("https://shop.example/push/{SECRET}");
    let field = format!("--x\r\nContent-Disposition: form-data; name=\"server_url\"\r\n\r\n{url}\r\n");
    let body = [field.as_bytes(), &multipart("u", "x", gbk)].concat();
    let address = format!("/push/{SECRET}");
    post(&site, &address, &format!("multipart/form-data; boundary=x; charset=gbk; note={SECRET}"), &body).await;
    post(&site, &address, &format!("multipart/form-data; boundary=x; charset=big5; note={SECRET}"), &body).await;
    let kept = site.looked_at_by_another().await;
    let event = kept.events(None, 0).await.unwrap().remove(0);
    assert_eq!(event.push.unwrap().server_url.unwrap(), "https://shop.example/push/redacted");
    let quarantined = kept.quarantined(0).await.unwrap().remove(0);
    assert!(quarantined.content_type.unwrap().ends_with("note=redacted"));
    for file in std::fs::read_dir(site.folder.path().parent().unwrap()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()));
    }
}

/// A nickname that is broken in each way in which JSON, a form and multipart can break it.
#[tokio::test]
async fn a_push_with_a_broken_nickname_is_taken_and_reads_the_same_when_it_is_read_again() {
    let broken = "追\u{fffd}";
    let cut = |text: &str| if text == NICKNAME { "追".bytes().chain([0xe6, 0xa2]).collect() } else { utf8(text) };
    let in_json = json("u").replace(NICKNAME, "CUT").into_bytes();
    let at = in_json.windows(3).position(|window| window == b"CUT").unwrap();
    let in_json = |nickname: &[u8]| [&in_json[..at], nickname, &in_json[at + 3..]].concat();
    let cases = [
        ("lone surrogate", "application/json", in_json("追\\ud83d".as_bytes()), broken),
        ("control byte", "application/json", in_json("追\u{1}".as_bytes()), broken),
        ("cut in JSON", "application/json", in_json(&cut(NICKNAME)), broken),
        ("cut in a form", "application/x-www-form-urlencoded", form("u", cut), broken),
        ("cut in multipart", "multipart/form-data; boundary=x", multipart("u", "x", cut), broken),
        ("cut in GBK", "application/json; charset=gbk", in_json(b"\xd7\xb7\xc3"), broken),
    ];
    for (what, content_type, body, expected) in cases {
        let push = becomes(content_type, &body).await.unwrap_or_else(|why| panic!("{what}: {why}"));
        assert_eq!(push.nickname, expected, "{what}");
    }
    let site = Site::new().await;
    let query = String::from_utf8(form("u", cut)).unwrap();
    assert_eq!(post(&site, &format!("/push/{SECRET}?{query}"), "", b"").await, 200);
    let kept = site.looked_at_by_another().await;
    assert_eq!(kept.events(None, 0).await.unwrap()[0].push.as_ref().unwrap().nickname, broken);
}

#[tokio::test]
async fn what_decides_may_not_be_broken_in_any_form() {
    let key = |bytes: &[u8]| {
        let bytes = bytes.to_vec();
        move |text: &str| if text == "device-1" { bytes.clone() } else { utf8(text) }
    };
    for (content_type, body) in [
        ("application/x-www-form-urlencoded", form("u", key(b"device-\xe6\xa2"))),
        ("multipart/form-data; boundary=x", multipart("u", "x", key(b"device-\xe6\xa2"))),
        ("multipart/form-data; boundary=x; charset=gbk", multipart("u", "x", key(b"device-\xc3"))),
        ("application/json; charset=gbk", gbk(&json("u").replace("device-1", "device-\u{1}"))),
    ] {
        assert!(becomes(content_type, &body).await.is_err(), "{content_type}");
    }
}
