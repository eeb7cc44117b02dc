//! 粉丝万岁's three calls: encodings, trimming, validators, codes.

use serde_json::{Value, json};
use weifen_sandbox::{Sandbox, test_data};

use crate::partner::{QRCODE, Way, post_json, qrcode, sign, signature, signed, start};

const SCENES: &str = "/open/commercial/get_scene";
const CITIES: &str = "/open/commercial/get_city";

const ASKED: [(&str, &str); 5] = [
    ("key", test_data::KEY),
    ("auth_open_id", test_data::AUTH_OPEN_ID),
    ("nickname", "追梦小窝"),
    ("sex", "0"),
    ("ip", "183.13.188.125"),
];

fn refusal(code: u32, message: &str) -> Value {
    json!({ "code": code, "message": message })
}

#[tokio::test]
async fn a_qr_code_comes_with_the_documented_fields() {
    let sandbox = start().await;
    let answer = qrcode(&sandbox, test_data::AUTH_OPEN_ID, &[]);
    let expected = json!({
        "code": 20000,
        "data": {
            "key": test_data::KEY,
            "develop_appid": test_data::DEVELOP_APPID,
            "nickname": "追梦小窝",
            "city_code": null,
            "auth_open_id": test_data::AUTH_OPEN_ID,
            "bidding": 3,
            "appid": "wx3cc413efaf3b1922",
            "appname": "七彩东莞",
            "code": null,
            "expire": 120,
            "qrcode_url": format!("{}/qrcode/1.png", sandbox.fensi_base_url()),
        },
        "message": "ok",
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn scenes_and_cities_are_the_documented_ones() {
    let sandbox = start().await;
    let list = |path| {
        let answer = Way::Json.send(sandbox.addr(), "POST", path, &signed(&[], &signature())).json();
        assert_eq!((&answer["code"], &answer["message"]), (&json!(20000), &json!("ok")));
        answer["data"].as_array().unwrap().clone()
    };
    let scenes = list(SCENES);
    assert_eq!(scenes.len(), 9);
    assert_eq!(scenes[0], json!({ "id": 1, "name": "学校" }));
    assert_eq!(scenes[8], json!({ "id": 9, "name": "其他" }));
    let cities = list(CITIES);
    assert_eq!(cities.len(), 4);
    assert_eq!(cities[3], json!({ "id": 4, "name": "唐山市" }));
}

#[tokio::test]
async fn every_call_takes_every_encoding_by_any_method() {
    let sandbox = start().await;
    let signature = signature();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        for way in Way::ALL {
            // PHP reads no form in a GET.
            let code = if method == "GET" && matches!(way, Way::Form | Way::Multipart) { 50003 } else { 20000 };
            for path in [QRCODE, SCENES, CITIES] {
                let answer = way.send(sandbox.addr(), method, path, &signed(&ASKED, &signature)).json();
                assert_eq!(answer["code"], code, "{method} {way:?} {path}");
            }
        }
    }
}

#[tokio::test]
async fn numbers_in_json_are_taken_as_well() {
    let sandbox = start().await;
    let body = json!({
        "key": test_data::KEY,
        "develop_appid": test_data::DEVELOP_APPID,
        "timestamp": 1_557_200_022,
        "nonce": "jbh12345",
        "signature": signature(),
        "auth_open_id": test_data::AUTH_OPEN_ID,
        "nickname": "追梦小窝",
        "sex": 0,
        "ip": "183.13.188.125",
        "label": 1,
    });
    assert_eq!(post_json(sandbox.addr(), QRCODE, &body).json()["code"], 20000);
}

#[tokio::test]
async fn query_and_body_are_merged_and_the_body_wins() {
    let sandbox = start().await;
    let path = format!("{QRCODE}?label=99&nonce=jbh12345");
    let signature = signature();
    let mut parameters = signed(&ASKED, &signature);
    parameters.retain(|(name, _)| *name != "nonce");
    parameters.push(("label", "1"));
    assert_eq!(Way::Form.send(sandbox.addr(), "POST", &path, &parameters).json()["code"], 20000);
}

#[tokio::test]
async fn white_space_is_taken_off_before_validating_and_signing() {
    let sandbox = start().await;
    let signature = signature();
    let mut parameters = signed(&ASKED, &signature);
    for (name, value) in &mut parameters {
        match *name {
            "nonce" => *value = " jbh12345\t",
            "nickname" => *value = "\r\n追梦小窝 ",
            _ => {}
        }
    }
    let answer = Way::Form.send(sandbox.addr(), "POST", QRCODE, &parameters).json();
    assert_eq!(answer["data"]["nickname"], "追梦小窝");

    // Signed with the space in place, the nonce can never verify.
    let with_space = sign("1557200022", " jbh12345", test_data::APP_SECRET);
    let mut parameters = signed(&ASKED, &with_space);
    parameters.iter_mut().filter(|(name, _)| *name == "nonce").for_each(|(_, value)| *value = " jbh12345");
    let answer = Way::Form.send(sandbox.addr(), "POST", QRCODE, &parameters).json();
    assert_eq!(answer, refusal(50004, "signature校验错误"));
}

#[tokio::test]
async fn each_absent_or_empty_parameter_of_a_qr_code_has_its_own_text() {
    let sandbox = start().await;
    let signature = signature();
    for (name, message) in [
        ("nickname", "用户授权的昵称不能为空"),
        ("ip", "请传入粉丝的IP地址！"),
        ("key", "设备key值不能为空！"),
        ("auth_open_id", "用户授权的open_id不能为空"),
    ] {
        for way in Way::ALL {
            let mut parameters = signed(&ASKED, &signature);
            parameters.retain(|(own, _)| *own != name);
            let absent = way.send(sandbox.addr(), "POST", QRCODE, &parameters);
            assert_eq!((absent.status, absent.json()), (200, refusal(50000, message)), "{name} {way:?}");
            parameters.push((name, " \t"));
            let empty = way.send(sandbox.addr(), "POST", QRCODE, &parameters).json();
            assert_eq!(empty, refusal(50000, message), "{name} {way:?}");
        }
    }
}

#[tokio::test]
async fn a_nickname_that_phps_trim_leaves_is_one() {
    let sandbox = start().await;
    for nickname in ["\u{3000}", "\u{85}", "\u{a0}", "\u{200b}"] {
        assert_eq!(qrcode(&sandbox, "user", &[("nickname", nickname)])["data"]["nickname"], nickname);
    }
}

#[tokio::test]
async fn every_call_is_there_under_the_second_prefix() {
    let sandbox = start().await;
    let signature = signature();
    for path in [QRCODE, SCENES, CITIES] {
        let path = path.replace("/open/", "/api/merchant/");
        let answer = Way::Json.send(sandbox.addr(), "POST", &path, &signed(&ASKED, &signature)).json();
        assert_eq!(answer["code"], 20000, "{path}");
    }
}

#[tokio::test]
async fn a_white_label_host_lists_nineteen_scenes() {
    let sandbox = Sandbox::builder().white_label(true).start().await.unwrap();
    let answer = Way::Json.send(sandbox.addr(), "POST", SCENES, &signed(&[], &signature())).json();
    let scenes = answer["data"].as_array().unwrap();
    assert_eq!(scenes.len(), 19);
    assert_eq!((&scenes[3], &scenes[8]["name"]), (&json!({ "id": 4, "name": "电影院" }), &json!("其他")));
    assert_eq!(scenes[18], json!({ "id": 19, "name": "金融" }));
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    let sandbox = start().await;
    for ip in ["183.13.188", "183.13.188.256", "localhost", "183.13.188.125:80"] {
        assert_eq!(qrcode(&sandbox, "user", &[("ip", ip)]), refusal(50000, "IP地址不正确"), "{ip}");
    }
    assert_eq!(qrcode(&sandbox, "user", &[("ip", "240e:3b0::1")])["code"], 20000);
}

#[tokio::test]
async fn a_wrong_signature_is_refused_and_the_log_shows_the_right_one() {
    let sandbox = start().await;
    let other_secret = sign("1557200022", "jbh12345", "another secret");
    let other_second = sign("1557200023", "jbh12345", test_data::APP_SECRET);
    let upper_case = signature().to_uppercase();
    for wrong in [other_secret, other_second, upper_case] {
        let answer = Way::Json.send(sandbox.addr(), "POST", QRCODE, &signed(&ASKED, &wrong)).json();
        assert_eq!(answer, refusal(50004, "signature校验错误"));
        assert!(sandbox.log().pop().unwrap().why.unwrap().contains(&signature()));
    }
}

#[tokio::test]
async fn a_city_is_known_for_some_addresses() {
    let sandbox = start().await;
    assert_eq!(qrcode(&sandbox, "user", &[("ip", "202.106.0.20")])["data"]["city_code"], 1);
    assert_eq!(qrcode(&sandbox, "user", &[("ip", "202.107.0.20")])["data"]["city_code"], Value::Null);
    for ip in ["240e:3b0::1", "::ffff:202.106.0.20"] {
        assert_eq!(qrcode(&sandbox, "user", &[("ip", ip)])["data"]["city_code"], "", "{ip}");
    }
}

#[tokio::test]
async fn a_recorded_run_is_the_same_byte_for_byte() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let sandbox = Sandbox::builder()
            .public_url("https://sandbox.test/base/")
            .clock_start("2026-01-01T00:00:00Z".parse().unwrap())
            .start()
            .await
            .unwrap();
        let signature = signature();
        let reply = Way::Json.send(sandbox.addr(), "POST", QRCODE, &signed(&ASKED, &signature));
        assert!(reply.text().contains("https://sandbox.test/base/qrcode/1.png"));
        assert_eq!(reply.header("date"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
        runs.push((reply.head, reply.body));
    }
    assert_eq!(runs[0], runs[1]);
}
