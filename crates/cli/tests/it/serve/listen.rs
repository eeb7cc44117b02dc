//! `weifen listen`: deliveries that a laptop gets too.

use std::time::SystemTime;

use serde_json::{Value, json};
use xtask_services::signal::Signal;

use super::business::is_genuine;
use crate::support::{InboxFile, Program, Reply, Running, Server, push};

fn listen(file: &InboxFile, url: &str) -> (Running, String) {
    let database = file.name();
    let listen = Program::new(&["listen", "--json", "--forward-to", url, "--database", &database]);
    let mut running = listen.start();
    let secret = running.error_line().trim().rsplit_once(' ').unwrap().1.to_owned();
    assert!(running.error_line().contains("waiting for events in sqlite:"));
    (running, secret)
}

fn line(running: &mut Running) -> Value {
    serde_json::from_str(&running.line()).unwrap()
}

#[test]
fn a_delivery_is_forwarded_signed_and_the_shop_gets_it_as_ever() {
    let file = InboxFile::with(&[push("before").as_bytes()]);
    let laptop = Server::start(|_| Reply::with("204 No Content", "", ""));
    let (mut listening, secret) = listen(&file, &format!("{}/events?as=laptop", laptop.url()));
    file.receive_booked("u");
    let told = line(&mut listening);
    assert_eq!(told, json!({"id": 2, "webhook_id": told["webhook_id"], "forwarded": true, "http_status": 204}));
    let posted = laptop.requests().remove(0);
    assert_eq!((posted.target(), posted.header("webhook-id")), ("/events?as=laptop", told["webhook_id"].as_str()));
    assert!(is_genuine(&posted, &secret), "{posted:?}");
    let body: Value = serde_json::from_slice(&posted.body).unwrap();
    assert_eq!((&body["type"], &body["data"]["auth_open_id"]), (&json!("fensi.follow"), &json!("u")));
    assert!(body["booking"]["id"].is_string(), "{body}");
    let event = file.json(&["show", "2"]).json();
    assert_eq!((&event["event"]["status"], &event["event"]["attempts"]), (&json!("pending"), &json!(0)));
    let ended = listening.end(Signal::INT);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{ended:?}");
    assert_eq!(laptop.requests().len(), 1, "what came in before is not forwarded");
}

#[test]
fn a_held_event_is_forwarded_once_it_is_released_and_delivered() {
    let file = InboxFile::with(&[push("before").as_bytes()]);
    let laptop = Server::start(|_| Reply::with("500 No", "", ""));
    let (mut listening, _) = listen(&file, &laptop.url());
    file.receive(&[push("u").as_bytes()]);
    let held = line(&mut listening);
    assert_eq!((&held["id"], &held["forwarded"]), (&json!(2), &json!(false)));
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
    file.change(&format!("UPDATE events SET status = 'delivered', settled_at = {now} WHERE id = 2"));
    let delivered = line(&mut listening);
    assert_eq!(
        (&delivered["id"], &delivered["http_status"]),
        (&json!(2), &json!(500)),
        "the answer is told, whatever it is"
    );
    assert_eq!(listening.end(Signal::TERM).code, 0);
}

#[test]
fn a_target_that_is_down_is_told_and_the_next_event_tries_it_again() {
    let file = InboxFile::with(&[push("before").as_bytes()]);
    let (mut listening, _) = listen(&file, &Server::nowhere());
    for (id, user) in [(2, "u"), (3, "v")] {
        file.receive_booked(user);
        let told = line(&mut listening);
        assert_eq!((&told["id"], &told["forwarded"]), (&json!(id), &json!(true)));
        assert!(told["error"].as_str().unwrap().starts_with("not delivered: Connection refused"), "{told}");
    }
    assert_eq!(listening.end(Signal::INT).code, 0);
}

#[test]
fn people_read_a_line_an_event() {
    let file = InboxFile::with(&[push("before").as_bytes()]);
    let laptop = Server::start(|_| Reply::json("{}"));
    let database = file.name();
    let mut people = Program::new(&["listen", "--forward-to", &laptop.url(), "--database", &database]).start();
    assert!(people.error_line().contains("whsec_"));
    people.error_line();
    file.receive_booked("u");
    let told = people.line();
    assert!(told.starts_with("2  evt_") && told.ends_with("  HTTP 200\n"), "{told}");
    assert_eq!(people.end(Signal::INT).code, 0);
}

#[test]
fn a_target_with_a_password_or_none_at_all_is_refused() {
    for (url, words) in [
        (
            "http://user:CANARY@localhost/x",
            "--forward-to: a URL in an argument must not contain a user name or a password",
        ),
        ("http://CANARY@localhost/x", "--forward-to: a URL in an argument must not contain a user name or a password"),
        ("localhost:9000/CANARY", "--forward-to: expected a URL such as http://localhost:9000/events"),
        ("ftp://localhost/CANARY", "--forward-to: expected a URL such as http://localhost:9000/events"),
        ("", "--forward-to: expected a URL such as http://localhost:9000/events"),
    ] {
        let ended = Program::new(&["listen", "--json", "--forward-to", url, "--database", "sqlite:none.db"]).run();
        let error = ended.error(2);
        assert_eq!((&error["kind"], &error["message"]), (&json!("usage"), &json!(words)), "{url}");
        assert!(!ended.stdout.contains("CANARY"), "{ended:?}");
    }
}
