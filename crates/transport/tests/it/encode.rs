//! The three encodings, with texts that break a careless encoder.

use weifen_proto::{Encoding, Parameters};
use weifen_transport::{BaseUrl, Plaintext, encode};

fn parameters() -> Parameters<'static> {
    Parameters::new()
        .text("nickname", "追梦 & =小窝+\"\u{1F600}\"")
        .integer("sex", 0)
        .optional_text("label", None::<&str>)
        .text("empty", "")
}

fn encoded(encoding: Encoding) -> http::Request<bytes::Bytes> {
    let base = BaseUrl::new("https://api.example/fans/", Plaintext::Refused).unwrap();
    encode(&base, "/open/get", encoding, &[("access_token", "=jLd+X/9=")], &parameters()).unwrap()
}

#[test]
fn a_query_is_percent_encoded() {
    let request = encoded(Encoding::Query);
    assert_eq!(request.method(), http::Method::GET);
    assert_eq!(
        request.uri(),
        "https://api.example/fans/open/get?access_token=%3DjLd%2BX%2F9%3D\
         &nickname=%E8%BF%BD%E6%A2%A6+%26+%3D%E5%B0%8F%E7%AA%9D%2B%22%F0%9F%98%80%22&sex=0&empty="
    );
    assert!(request.body().is_empty());
}

#[test]
fn a_form_keeps_the_order_and_leaves_absent_parameters_out() {
    let request = encoded(Encoding::Form);
    assert_eq!(request.method(), http::Method::POST);
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(request.uri().query(), Some("access_token=%3DjLd%2BX%2F9%3D"));
    let body = "nickname=%E8%BF%BD%E6%A2%A6+%26+%3D%E5%B0%8F%E7%AA%9D%2B%22%F0%9F%98%80%22&sex=0&empty=";
    assert_eq!(request.body(), body);
}

#[test]
fn json_keeps_the_order_and_the_types() {
    let request = encoded(Encoding::Json);
    assert_eq!(request.method(), http::Method::POST);
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(request.body(), r#"{"nickname":"追梦 & =小窝+\"😀\"","sex":0,"empty":""}"#);
}

#[test]
fn a_parameter_that_nobody_configured_is_not_left_out_silently() {
    let base = BaseUrl::new("https://api.example", Plaintext::Refused).unwrap();
    let parameters = Parameters::new().text_or_configured("key", None::<&str>);
    assert!(encode(&base, "/", Encoding::Json, &[], &parameters).is_err());
}

#[test]
fn a_url_that_is_too_long_names_the_parameter_that_takes_most_of_it() {
    let encoded = |encoding, token: &str, nickname: &str| {
        let base = BaseUrl::new("https://api.example", Plaintext::Refused).unwrap();
        let parameters = Parameters::new().text("key", "k".repeat(9_000)).text("nickname", nickname);
        encode(&base, "/open/get", encoding, &[("access_token", token)], &parameters)
    };
    // A character of three bytes takes nine in a URL, so the shorter text may become the longer one.
    let error = encoded(Encoding::Query, &"t".repeat(8_000), &"追".repeat(7_000)).unwrap_err();
    assert_eq!(error.parameter(), "nickname");
    assert!(error.problem().starts_with("makes the URL longer than 65534 bytes"), "{error}");
    assert_eq!(encoded(Encoding::Query, &"t".repeat(60_000), "n").unwrap_err().parameter(), "access_token");
    for encoding in [Encoding::Form, Encoding::Json] {
        assert!(encoded(encoding, "t", &"追".repeat(70_000)).is_ok());
        let nickname = "n".repeat(80_000);
        assert_eq!(encoded(encoding, &"t".repeat(70_000), &nickname).unwrap_err().parameter(), "access_token");
    }

    let rest = encoded(Encoding::Query, "t", "").unwrap().uri().to_string().len();
    let longest = encoded(Encoding::Query, "t", &"n".repeat(65_534 - rest)).unwrap();
    assert_eq!(longest.uri().to_string().len(), 65_534);
    let longer = encoded(Encoding::Query, "t", &"n".repeat(65_535 - rest)).unwrap_err();
    assert_eq!(longer.parameter(), "nickname");
}
