//! `weifen sandbox follow`: a user follows at a running sandbox.

use serde_json::json;

use crate::support::{Program, Reply, Sandboxed, Server, call};

/// The user of `call("qrcode")`.
const USER: &str = "oleiaYv6i50I7ADTlmIGN4WO-2RGM";

fn follow(control: &str, more: &[&str]) -> Program {
    Program::new(&[&["sandbox", "follow", "--control", control, "--auth-open-id", USER, "--json"], more].concat())
}

#[test]
fn the_user_follows_what_was_offered_and_the_push_goes_out() {
    let receiver = Server::start(|_| Reply::json("{}"));
    let sandbox = Sandboxed::start();
    sandbox.push_to(&receiver.url());
    sandbox.json(call("qrcode")).done();
    let followed = follow(&sandbox.control_url(), &[]).run().done();
    assert_eq!((&followed["push"]["auth_open_id"], &followed["deliveries"]), (&json!(USER), &json!([{"status": 200}])));
    assert_eq!(receiver.calls().len(), 1);
    // A slash at the end is no other address; another account need not have been offered.
    let other = follow(&format!("{}/", sandbox.control_url()), &["--appid", "wx3cc413efaf3b1922"]).run().done();
    assert_eq!(other["push"]["appid"], "wx3cc413efaf3b1922");
}

#[test]
fn the_sandboxs_refusal_is_told_in_its_words() {
    let sandbox = Sandboxed::start();
    let error = follow(&sandbox.control_url(), &[]).run().error(4);
    assert_eq!(error["kind"], "refused");
    assert!(error["message"].as_str().unwrap().contains("the sandbox refuses: "), "{error}");
}

#[test]
fn what_is_no_sandbox_is_told_apart_from_one_that_is_away() {
    let error = follow(&Server::nowhere(), &[]).run().error(5);
    assert_eq!(error["kind"], "not_delivered");
    assert!(error["hint"].as_str().unwrap().contains("serve --sandbox"), "{error}");
    let other = Server::start(|_| Reply::with("404 Not Found", "", "<html>"));
    assert_eq!(follow(&other.url(), &[]).run().error(6)["kind"], "undecodable");
    let cut = Server::start(|_| Reply::Close);
    assert_eq!(follow(&cut.url(), &[]).run().error(7)["kind"], "unknown_outcome");
    for control in ["nonsense", "ftp://127.0.0.1/", "http://u:CANARY@127.0.0.1/"] {
        let ended = follow(control, &[]).run();
        assert_eq!(ended.error(2)["kind"], "usage", "{control}");
        assert!(!ended.printed().contains("CANARY"), "{ended:?}");
    }
}

#[test]
fn what_starts_a_sandbox_does_not_go_with_it() {
    let error = Program::new(&["sandbox", "--chaos=1", "follow", "--control=http://h", "--auth-open-id=U", "--json"]);
    assert!(error.run().error(2)["message"].as_str().unwrap().contains("--chaos"));
}
