//! `weifen serve --sandbox`: the whole way of a push, with nothing set up.

use serde_json::{Value, json};
use xtask_services::signal::Signal;

use super::client;
use super::serving::Starting;
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
fn a_code_is_booked_its_follow_is_pushed_and_claimed() {
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
    let api = &serving.ready["first_look"]["api"];
    let authority = api["url"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
    let send = |path: &str, body: Value| {
        let headers = format!("{}\r\nauthorization: Bearer {}", client::JSON, api["key"].as_str().unwrap());
        let answer = client::Client::new(authority).post(path, &headers, &body.to_string()).unwrap();
        serde_json::from_str::<Value>(&answer.body).unwrap_or_else(|_| panic!("{answer:?}"))
    };
    let claimed = send("/v1/deliveries/claim", json!({"max": 1, "wait_s": 30, "lease_s": 60}));
    let delivery = &claimed["deliveries"][0];
    assert_eq!(delivery["payload"]["data"]["auth_open_id"], "u", "{claimed}");
    let ack = json!({"acks": [{"id": delivery["id"], "lease": delivery["lease"], "ok": true}]});
    assert_eq!(send("/v1/deliveries/ack", ack)["results"][0]["result"], "done");
    let event = list()[0].clone();
    assert_eq!((&event["status"], &event["attempts"]), (&json!("delivered"), &json!(1)));
    let told = std::fs::read_to_string(&log).unwrap();
    assert!(told.contains(event["webhook_id"].as_str().unwrap()), "{told}");
    let database = serving.ready["first_look"]["database"].as_str().unwrap().to_owned();
    assert_eq!(serving.end(Signal::INT).code, Some(0));
    assert!(!std::path::Path::new(database.strip_prefix("sqlite:").unwrap()).exists());
}
