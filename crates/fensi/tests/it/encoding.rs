//! Encodings of the parameters.

use weifen_fensi::{Encoding, RefusalKind};
use weifen_transport::ErrorKind;

use crate::canned::{answering, builder, request};

const NO_MATCH: &str = r#"{"code": 50000, "message": "暂无匹配的公众号！"}"#;

#[tokio::test]
async fn a_call_goes_out_as_json_form_or_get() {
    let transport = answering(NO_MATCH);
    for encoding in [Encoding::Json, Encoding::Form, Encoding::Query] {
        let client = builder(&transport).key("3e3add4a").encoding(encoding).build().unwrap();
        assert!(client.qrcode(&request()).await.unwrap().is_none());
    }
    let [json, form, query] = transport.requests().try_into().unwrap();
    let signature = |nonce: &str| {
        weifen_sign::Stamp::new(crate::canned::NOW, nonce).sign(crate::canned::SECRET).signature().to_owned()
    };
    let signature = signature("nonce-0");

    assert_eq!(
        (json.method().as_str(), &json.headers()["content-type"]),
        ("POST", &"application/json".parse().unwrap())
    );
    assert_eq!(
        json.body(),
        &format!(
            r#"{{"develop_appid":"jbh200453e0488d6","timestamp":1557200022,"nonce":"nonce-0","signature":"{signature}","key":"3e3add4a","auth_open_id":"oleiaYv6i50I7ADTlmIGN4WO-2RGM","nickname":"追梦小窝","sex":0,"ip":"183.13.188.125","label":1}}"#
        )
    );
    let pairs = format!(
        "develop_appid=jbh200453e0488d6&timestamp=1557200022&nonce=nonce-0&signature={signature}&key=3e3add4a\
         &auth_open_id=oleiaYv6i50I7ADTlmIGN4WO-2RGM&nickname=%E8%BF%BD%E6%A2%A6%E5%B0%8F%E7%AA%9D&sex=0\
         &ip=183.13.188.125&label=1"
    );
    assert_eq!(form.method(), "POST");
    assert_eq!(form.headers()["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(form.body(), &pairs);
    assert_eq!((query.method().as_str(), query.body().len()), ("GET", 0));
    assert_eq!(query.uri().query(), Some(pairs.as_str()));
}

#[tokio::test]
async fn a_request_without_a_key_takes_the_clients() {
    let transport = answering(NO_MATCH);
    let without = builder(&transport).build().unwrap();
    let error = without.qrcode(&request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("key: is missing"), "{error}");
    assert!(transport.requests().is_empty());

    let with = builder(&transport).key("the-clients").build().unwrap();
    with.qrcode(&request()).await.unwrap();
    with.qrcode(&request().key("its-own").unwrap()).await.unwrap();
    let bodies: Vec<_> = transport.requests().iter().map(|r| String::from_utf8(r.body().to_vec()).unwrap()).collect();
    assert!(bodies[0].contains(r#""key":"the-clients""#) && bodies[1].contains(r#""key":"its-own""#));
}

#[tokio::test]
async fn a_refusal_keeps_code_and_words() {
    let transport = answering(r#"{"code": 50004, "message": "signature校验错误"}"#);
    let error = builder(&transport).key("k").build().unwrap().qrcode(&request()).await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!(
        (refusal.kind(), refusal.code(), refusal.message()),
        (RefusalKind::SignatureRejected, 50004, "signature校验错误")
    );
}
