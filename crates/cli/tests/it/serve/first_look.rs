//! `weifen serve --sandbox`: the whole way of a push, with nothing set up.

use serde_json::{Value, json};
use xtask_services::signal::Signal;

use super::client;
use super::serving::Starting;
use crate::patience::eventually;
use crate::support::Program;

fn program(ready: &Value, arguments: &[&str]) -> Program {
    let sandbox = |name: &str| ready["first_look"]["sandbox"][name].as_str().unwrap();
    Program::new(arguments)
        .env("WEIFEN_FENSI_BASE_URL", sandbox("fensi_base_url"))
        .env("WEIFEN_FENSI_DEVELOP_APPID", sandbox("develop_appid"))
        .env("WEIFEN_FENSI_APP_SECRET", sandbox("app_secret"))
        .env("WEIFEN_FENSI_KEY", sandbox("key"))
        .env("WEIFEN_SERVE_DATABASE", ready["first_look"]["database"].as_str().unwrap())
        .arg("--json")
}

#[test]
fn a_code_is_booked_its_follow_is_pushed_and_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let arguments = ["serve", "--sandbox", "--json", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
    let process = Program::new(&arguments).spawn(std::fs::File::create(&log).unwrap());
    let serving = Starting::new(process, log.clone()).ready();

    let qrcode = ["fensi", "qrcode", "--book", "--auth-open-id=u", "--nickname=n", "--sex=0", "--ip=183.13.188.125"];
    program(&serving.ready, &qrcode).run().done();
    let control = serving.ready["first_look"]["sandbox"]["control_url"].as_str().unwrap();
    let (authority, path) = control.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let followed = client::post(authority.parse().unwrap(), &format!("/{path}/follow"), r#"{"auth_open_id":"u"}"#);
    assert_eq!(followed.status, 200, "{followed:?}");

    let list = || program(&serving.ready, &["inbox", "list"]).run().done()["events"].clone();
    let event =
        eventually("it is delivered", || Some(list()[0].clone()).filter(|event| event["status"] == "delivered"));
    assert_eq!((&event["push"]["auth_open_id"], &event["attempts"]), (&json!("u"), &json!(1)));
    let told = std::fs::read_to_string(&log).unwrap();
    assert!(told.contains(event["webhook_id"].as_str().unwrap()), "{told}");
    let database = serving.ready["first_look"]["database"].as_str().unwrap().to_owned();
    assert_eq!(serving.end(Signal::INT).code, Some(0));
    assert!(!std::path::Path::new(database.strip_prefix("sqlite:").unwrap()).exists());
}
