//! `weifen fensi push`: reads what was received.

use serde_json::json;

use crate::support::Program;

/// The documented example as it stands, its trailing comma included.
const DOCUMENTED: &str = r#"{
  "server_url":"https://api.fensiwansui.com",
  "key":"3e3add4a720c11e9ab2100163e0488d6",
  "develop_appid":"jbh200453e0488d6",
  "auth_open_id":"oevvk1OpIfu26jDsdfdkksfsdtosJnVBVMolwk",
  "bidding": 3,
  "appid":"wx3cc413efaf3b1922",
  "appname":"七彩东莞",
  "openid":"oleiaYv6i50I7ADTlmIGN4WO-2RGM",
  "nickname":"",
}"#;

#[test]
fn the_documented_example_is_read_from_a_file_and_from_stdin() {
    let expected = json!({"push": {
        "server_url": "https://api.fensiwansui.com",
        "key": "3e3add4a720c11e9ab2100163e0488d6",
        "develop_appid": "jbh200453e0488d6",
        "auth_open_id": "oevvk1OpIfu26jDsdfdkksfsdtosJnVBVMolwk",
        "bidding": 3,
        "appid": "wx3cc413efaf3b1922",
        "appname": "七彩东莞",
        "openid": "oleiaYv6i50I7ADTlmIGN4WO-2RGM",
        "nickname": "",
    }});
    let by_file = Program::new(&["fensi", "push", "--file", "push.json", "--json"]).file("push.json", DOCUMENTED);
    assert_eq!(by_file.run().done(), expected);
    assert_eq!(Program::new(&["--json", "fensi", "push", "--file=-"]).stdin(DOCUMENTED).run().done(), expected);

    let people = Program::new(&["fensi", "push", "--file", "-"]).stdin(DOCUMENTED).run();
    assert!(people.stdout.contains("3 fen (0.03 yuan)") && people.stdout.contains("七彩东莞"), "{people:?}");
}

#[test]
fn a_form_with_strings_and_no_openid_is_read() {
    let form = "key=k&develop_appid=d&auth_open_id=u&bidding=60&appid=wx1&appname=%E4%B8%83&state=s-1";
    let document = Program::new(&["fensi", "push", "--file", "-", "--json"]).stdin(form).run().done();
    let push = json!({
        "key": "k", "develop_appid": "d", "auth_open_id": "u", "bidding": 60, "appid": "wx1", "appname": "七",
        "nickname": "", "state": "s-1",
    });
    assert_eq!(document, json!({"push": push}));
}

#[test]
fn what_is_no_push_is_undecodable_and_shows_no_value() {
    let no_push = [
        "",
        "<html>CANARY</html>",
        r#"{"key":"CANARY"}"#,
        r#"{"key":"k","develop_appid":"d","auth_open_id":"u","bidding":"CANARY","appid":"a"}"#,
        "key=CANARY",
        "[1, 2",
    ];
    for text in no_push {
        let ended = Program::new(&["fensi", "push", "--file", "-", "--json"]).stdin(text).run();
        let error = ended.error(6);
        assert_eq!(
            (&error["kind"], &error["vendor"], &error["operation"], &error["retryable"]),
            (&json!("undecodable"), &json!("fensi"), &json!("push"), &json!(false))
        );
        assert!(!ended.printed().contains("CANARY"), "{ended:?}");
    }
    let endless = Program::new(&["fensi", "push", "--file", "/dev/zero", "--json"]).run().error(6);
    assert!(endless["message"].as_str().unwrap().contains("larger than"), "{endless}");
}

#[test]
fn a_file_that_cannot_be_read_ends_with_3() {
    for name in ["none.json", "."] {
        let error = Program::new(&["fensi", "push", "--file", name, "--json"]).run().error(3);
        assert_eq!(error["kind"], "config");
        assert!(error["message"].as_str().unwrap().starts_with(name), "{error}");
    }
}

#[test]
fn a_broken_configuration_does_not_matter() {
    let program = Program::new(&["fensi", "push", "--file", "-", "--json"]).stdin(DOCUMENTED);
    program.file("weifen.toml", "[nonsense").run().done();
}

#[test]
fn a_push_is_read_from_home() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("push.json"), DOCUMENTED).unwrap();
    let program = |arguments: &[&str]| Program::new(arguments).env("HOME", home.path().to_str().unwrap());
    program(&["fensi", "push", "--file=~/push.json", "--json"]).run().done();
    let error = program(&["fensi", "push", "--file=~bo/push.json", "--json"]).run().error(2);
    assert!(error["message"].as_str().unwrap().starts_with("--file: expected"), "{error}");
}
