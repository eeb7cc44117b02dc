//! Each command of 粉丝万岁 but for the drawing and the push.

use serde_json::json;

use crate::support::{Sandboxed, call};

#[test]
fn scenes_and_cities_are_listed() {
    let sandbox = Sandboxed::start();
    let scenes = sandbox.json(&["fensi", "scenes"]).done();
    assert_eq!(scenes["scenes"], sandbox.log().last().unwrap().answer["data"]);
    assert_eq!(scenes["scenes"][8], json!({"id": 9, "name": "其他"}));
    let cities = sandbox.json(&["--json", "fensi", "cities"]).done();
    assert_eq!(cities["cities"].as_array().unwrap().len(), 4);
    assert_eq!(cities["cities"][2], json!({"id": 3, "name": "石家庄市"}));

    let people = sandbox.run(&["fensi", "scenes"]).stdout;
    assert_eq!(people.lines().count(), 10, "{people}");
    assert!(people.contains("7      医疗机构"), "{people}");
}

#[test]
fn a_qr_code_comes_under_the_wires_names_and_its_image_is_not_fetched() {
    let sandbox = Sandboxed::start();
    let arguments = "fensi qrcode --auth-open-id u1 --nickname 追梦小窝 --sex 0 --ip 202.106.0.20 --key another-device \
                     --label 2 --state visit-7";
    let arguments: Vec<_> = arguments.split(' ').collect();
    let document = sandbox.json(&arguments).done();
    let log = sandbox.log();
    assert_eq!(log.len(), 1, "the image was not fetched");
    assert_eq!(document["qrcode"], log[0].answer["data"]);
    let sent = &log[0].parameters;
    for (name, value) in [
        ("auth_open_id", json!("u1")),
        ("nickname", json!("追梦小窝")),
        ("sex", json!(0)),
        ("ip", json!("202.106.0.20")),
        ("key", json!("another-device")),
        ("label", json!(2)),
        ("state", json!("visit-7")),
    ] {
        assert_eq!(sent[name], value, "{name}");
    }
}

#[test]
fn the_configured_key_and_encoding_are_used() {
    let sandbox = Sandboxed::start();
    let arguments =
        ["fensi", "qrcode", "--auth-open-id", "-", "--nickname", "n", "--sex", "2", "--ip", "::1", "--json"];
    let program = sandbox.program(&arguments).stdin("u1").env("WEIFEN_FENSI_ENCODING", "form");
    program.run().done();
    let entry = &sandbox.log()[0];
    assert_eq!(entry.encoding, Some("form"));
    assert_eq!((&entry.parameters["key"], &entry.parameters["sex"]), (&json!(sandbox_key()), &json!("2")));
}

#[test]
fn an_ipv4_address_in_ipv6s_form_is_sent_as_ipv4_and_a_wide_blank_is_a_nickname() {
    let sandbox = Sandboxed::start();
    let arguments =
        ["fensi", "qrcode", "--auth-open-id=u", "--nickname=\u{3000}", "--sex=0", "--ip=::ffff:202.106.0.20", "--json"];
    assert_eq!(sandbox.json(&arguments).done()["qrcode"]["city_code"], 1);
    let sent = &sandbox.log()[0].parameters;
    assert_eq!((&sent["ip"], &sent["nickname"]), (&json!("202.106.0.20"), &json!("\u{3000}")));
}

#[test]
fn a_text_that_is_too_long_for_a_url_is_named_with_what_to_do() {
    let sandbox = Sandboxed::start();
    let nickname = format!("--nickname={}", "追".repeat(7_270));
    let arguments = ["fensi", "qrcode", "--auth-open-id=u", &nickname, "--sex=0", "--ip=1.1.1.1", "--json"];
    let error = sandbox.program(&arguments).env("WEIFEN_FENSI_ENCODING", "get").run().error(2);
    let told = error["message"].as_str().unwrap();
    assert!(told.contains("nickname: makes the URL longer than 65534 bytes"), "{told}");
    assert!(told.contains("json or form") && !told.contains('追'), "{told}");
    assert!(sandbox.log().is_empty());
    assert!(sandbox.json(&arguments).done()["qrcode"].is_object(), "as JSON it goes");
}

fn sandbox_key() -> &'static str {
    weifen::sandbox::test_data::KEY
}

#[test]
fn no_match_is_an_answer() {
    let sandbox = Sandboxed::start();
    let arguments =
        ["fensi", "qrcode", "--auth-open-id", "u", "--nickname", "n", "--sex", "0", "--ip", "1.1.1.1", "--label", "99"];
    assert_eq!(sandbox.json(&arguments).done(), json!({"qrcode": null}));
    let people = sandbox.run(&arguments);
    assert_eq!((people.code, people.stdout.as_str()), (0, "No account matches this user now.\n"));
}

#[test]
fn a_base_url_with_a_path_reaches_the_servers_second_prefix() {
    let sandbox = Sandboxed::start();
    let base_url = format!("{}/api/merchant", sandbox.fensi_base_url());
    let scenes = sandbox.program(&["fensi", "scenes", "--json"]).env("WEIFEN_FENSI_BASE_URL", &base_url);
    assert_eq!(scenes.run().done()["scenes"].as_array().unwrap().len(), 9);
    assert_eq!(sandbox.log()[0].path, "/api/merchant/commercial/get_scene");
}

#[test]
fn refusals_keep_code_and_words() {
    let sandbox = Sandboxed::start();
    for (label, code, retryable) in [("7", 50001, true), ("8", 50002, true)] {
        let arguments = [call("qrcode"), &["--label", label]].concat();
        let error = sandbox.json(&arguments).error(4);
        assert_eq!((&error["code"], &error["retryable"]), (&json!(code), &json!(retryable)));
        assert_eq!(error["message"], sandbox.log().last().unwrap().answer["message"]);
    }
    let wrong = sandbox.program(&["fensi", "scenes", "--json"]).env("WEIFEN_FENSI_APP_SECRET", "wrong").run();
    let error = wrong.error(4);
    assert_eq!((&error["code"], &error["message"]), (&json!(50004), &json!("signature校验错误")));
}
