//! Every operation, against the sandbox over real HTTP.

use std::sync::Arc;

use weifen_fensi::{Cities, Encoding, Fensi, FensiBuilder, QrcodeRequest, RefusalKind, SceneId, Scenes, Sex};
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
        assert_eq!(client.scenes(&Scenes).await.unwrap().len(), 9);
        assert_eq!(client.cities(&Cities).await.unwrap().len(), 4);
        let qrcode = client.qrcode(&request().sex(Sex::Any)).await.unwrap().unwrap();
        assert!(qrcode.bid.0 > 0 && qrcode.image_url.starts_with("http://127.0.0.1"));
        assert_eq!(qrcode.nickname.as_deref(), Some("追梦小窝"));
    }
}

#[tokio::test]
async fn no_account_is_a_value_and_a_wrong_secret_a_refusal() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox, sandbox.app_secret()).build().unwrap();
    assert_eq!(client.qrcode(&request().label(SceneId(999_999))).await.unwrap(), None);
    let wrong = builder(&sandbox, "another secret").build().unwrap();
    let error = wrong.scenes(&Scenes).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().kind(), RefusalKind::SignatureRejected);
}
