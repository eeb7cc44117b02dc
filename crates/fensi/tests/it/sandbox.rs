//! Every operation, against the sandbox over real HTTP.

use std::sync::Arc;

use weifen_fensi::{CityId, Encoding, Fensi, FensiBuilder, QrcodeRequest, RefusalKind, SceneId, Sex};
use weifen_sandbox::{Sandbox, test_data};
use weifen_transport::ReqwestTransport;

fn builder(sandbox: &Sandbox, secret: &str) -> FensiBuilder {
    Fensi::builder(sandbox.develop_appid(), secret)
        .key(sandbox.key())
        .base_url(sandbox.fensi_base_url())
        .transport(Arc::new(ReqwestTransport::new().unwrap()))
}

fn request() -> QrcodeRequest {
    let user = test_data::AUTH_OPEN_ID.parse().unwrap();
    QrcodeRequest::new(user, "追梦小窝", "183.13.188.125".parse().unwrap()).unwrap()
}

#[tokio::test]
async fn every_operation_gets_its_answer_in_every_encoding() {
    let sandbox = Sandbox::start().await.unwrap();
    for encoding in [Encoding::Json, Encoding::Form, Encoding::Query] {
        let client = builder(&sandbox, sandbox.app_secret()).encoding(encoding).build().unwrap();
        assert_eq!(client.scenes().await.unwrap().len(), 9);
        assert_eq!(client.cities().await.unwrap().len(), 4);
        let qrcode = client.qrcode(&request().sex(Sex::Any)).await.unwrap().unwrap();
        assert!(qrcode.bid.0 > 0 && qrcode.image_url.starts_with("http://127.0.0.1"));
        assert_eq!(qrcode.nickname.as_deref(), Some("追梦小窝"));
    }
}

#[tokio::test]
async fn no_account_is_a_value_and_a_wrong_secret_a_refusal() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox, sandbox.app_secret()).build().unwrap();
    assert_eq!(client.qrcode(&request().label(SceneId(test_data::LABEL_WITHOUT_ACCOUNTS))).await.unwrap(), None);
    let wrong = builder(&sandbox, "another secret").build().unwrap();
    let error = wrong.scenes().await.unwrap_err();
    assert_eq!(error.refusal().unwrap().kind(), RefusalKind::SignatureRejected);
}

#[tokio::test]
async fn both_of_the_servers_prefixes_are_reached() {
    let sandbox = Sandbox::start().await.unwrap();
    let base_url = format!("{}/api/merchant", sandbox.fensi_base_url());
    let client = builder(&sandbox, sandbox.app_secret()).base_url(base_url).build().unwrap();
    assert_eq!(client.scenes().await.unwrap().len(), 9);
    assert!(client.qrcode(&request()).await.unwrap().is_some());
    assert_eq!(sandbox.log()[0].path, "/api/merchant/commercial/get_scene");
}

#[tokio::test]
async fn a_user_behind_ipv6_gets_a_qr_code_without_a_city() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox, sandbox.app_secret()).build().unwrap();
    let user = || test_data::AUTH_OPEN_ID.parse().unwrap();
    for (ip, city) in [("240e:3b0::1", None), ("::ffff:202.106.0.20", Some(CityId(1)))] {
        let request = QrcodeRequest::new(user(), "\u{3000}", ip.parse().unwrap()).unwrap();
        let qrcode = client.qrcode(&request).await.unwrap().unwrap();
        assert_eq!((qrcode.city_code, qrcode.nickname.as_deref()), (city, Some("\u{3000}")));
    }
}
