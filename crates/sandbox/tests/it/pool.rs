//! Which account a user is offered, and the image that goes with it.

use serde_json::{Value, json};
use weifen_sandbox::{Follow, Sandbox};

use crate::partner::{get, qrcode, start};

fn codes(answer: &Value) -> (u64, &str) {
    (answer["code"].as_u64().unwrap(), answer["message"].as_str().unwrap())
}

async fn follow_what_is_offered(sandbox: &Sandbox, user: &str) -> Option<String> {
    let answer = qrcode(sandbox, user, &[]);
    if answer["code"] != 20000 {
        return None;
    }
    sandbox.follow(Follow::by(user)).await.unwrap();
    Some(answer["data"]["appid"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn every_return_code_can_be_had_by_a_scene() {
    let sandbox = start().await;
    for (scene, code, message) in [
        ("1", 20000, "ok"),
        ("7", 50001, "对不起，您当前匹配到的公众号吸粉客户的钱包余额不足！"),
        ("8", 50002, "生成二维码失败请稍后再试！"),
        ("9", 20000, "ok"),
        ("10", 20000, "ok"),
        ("19", 20000, "ok"),
        ("20", 50000, "暂无匹配的公众号！"),
        ("99", 50000, "暂无匹配的公众号！"),
        ("学校", 50000, "暂无匹配的公众号！"),
    ] {
        assert_eq!(codes(&qrcode(&sandbox, "user", &[("label", scene)])), (code, message), "{scene}");
    }
}

#[tokio::test]
async fn a_label_narrows_to_accounts_of_its_scene() {
    let sandbox = start().await;
    for (scene, appname) in [("2", "七彩东莞"), ("4", "沙盒影院"), ("5", "沙盒商场"), ("6", "沙盒超市")]
    {
        assert_eq!(qrcode(&sandbox, "user", &[("label", scene)])["data"]["appname"], appname);
    }
}

#[tokio::test]
async fn sex_narrows_to_accounts_that_look_for_it() {
    let sandbox = start().await;
    for (scene, sex, code) in [
        ("4", "0", 20000),
        ("4", "1", 20000),
        ("4", "2", 50000),
        ("5", "1", 50000),
        ("5", "2", 20000),
        ("6", "1", 20000),
        ("6", "2", 20000),
        ("6", "3", 50000),
        ("6", "male", 50000),
    ] {
        assert_eq!(qrcode(&sandbox, "user", &[("label", scene), ("sex", sex)])["code"], code, "{scene} {sex}");
    }
}

#[tokio::test]
async fn an_account_may_ask_for_a_verification_code() {
    let sandbox = start().await;
    assert_eq!(qrcode(&sandbox, "user", &[("label", "6")])["data"]["code"], "6688");
    assert_eq!(qrcode(&sandbox, "user", &[("label", "1")])["data"]["code"], Value::Null);
}

#[tokio::test]
async fn an_account_is_offered_again_until_it_is_followed_and_then_never() {
    let sandbox = start().await;
    let first = qrcode(&sandbox, "user", &[])["data"]["appid"].clone();
    assert_eq!(qrcode(&sandbox, "user", &[])["data"]["appid"], first);
    let mut followed = Vec::new();
    while let Some(appid) = follow_what_is_offered(&sandbox, "user").await {
        assert!(!followed.contains(&appid));
        followed.push(appid);
    }
    assert_eq!(followed.len(), 4);
    assert_eq!(codes(&qrcode(&sandbox, "user", &[])), (50000, "暂无匹配的公众号！"));
    assert_eq!(qrcode(&sandbox, "another", &[])["data"]["appid"], first);
}

#[tokio::test]
async fn a_follow_takes_the_bid_from_the_budget() {
    let sandbox = start().await;
    let budget = || sandbox.state()["fensi"]["accounts"][0]["budget"].as_u64().unwrap();
    let before = budget();
    qrcode(&sandbox, "user", &[]);
    assert_eq!(budget(), before);
    sandbox.follow(Follow::by("user").times(5)).await.unwrap();
    assert_eq!(budget(), before - 3);
}

#[tokio::test]
async fn the_image_is_a_real_qr_code_of_an_account() {
    let sandbox = start().await;
    let mut contents = Vec::new();
    for _ in 0..2 {
        let answer = qrcode(&sandbox, "user", &[]);
        let url = answer["data"]["qrcode_url"].as_str().unwrap();
        let image = get(sandbox.addr(), url.strip_prefix(&sandbox.fensi_base_url()).unwrap());
        assert_eq!((image.status, image.header("content-type")), (200, Some("image/png")));
        let pixels = image::load_from_memory(&image.body).unwrap().to_luma8();
        let (width, height) = (pixels.width() as usize, pixels.height() as usize);
        let mut prepared =
            rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels.as_raw()[y * width + x]);
        let grids = prepared.detect_grids();
        assert_eq!(grids.len(), 1);
        let (_, content) = grids[0].decode().unwrap();
        assert!(content.starts_with("http://weixin.qq.com/q/"), "{content}");
        contents.push(content);
    }
    assert_ne!(contents[0], contents[1]);
}

#[tokio::test]
async fn an_image_that_was_never_given_out_is_not_there() {
    let sandbox = start().await;
    for path in ["/qrcode/1.png", "/qrcode/0.png", "/qrcode/x.png", "/qrcode/1", "/qrcode/99999999999999999999.png"] {
        let reply = get(sandbox.addr(), path);
        assert_eq!((reply.status, reply.json()), (404, json!({ "error": "the sandbox has no such QR code" })));
    }
}
