//! A server's own reports: the line when it is ready, health and metrics.

use xtask_services::signal::Signal;

use super::client::{self, Answer};
use super::pushes;
use super::serving::target;
use super::setup::Setup;

#[test]
fn one_line_tells_where_it_is_and_nothing_else_is_on_stdout() {
    let setup = Setup::new();
    let serving = setup.serve();
    let mut names: Vec<_> = serving.ready.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["admin_listen", "listen", "pid"]);
    assert_eq!(serving.ready["pid"], serving.id());
    assert_ne!((serving.address.port(), serving.admin.port()), (0, 0));
    assert_eq!(serving.push(&pushes::json("u")).status, 200);
    assert!(serving.end(Signal::TERM).stdout.is_empty());
}

#[test]
fn people_are_told_the_addresses_but_not_the_secret() {
    let setup = Setup::new();
    let mut serving = setup.program(&["serve"]).start();
    assert!(serving.line().starts_with("Ready"));
    let ended = serving.end(Signal::TERM);
    for word in ["/push/SECRET", "/healthz", "sqlite:", "off: no serve.deliver_url"] {
        assert!(ended.stdout.contains(word), "{word}: {ended:?}");
    }
    assert!(!ended.printed().contains(super::setup::PUSH_SECRET), "{ended:?}");
}

#[test]
fn health_and_metrics_are_on_the_operators_address_alone() {
    let setup = Setup::new();
    let serving = setup.serve();
    setup.book("u");
    for user in ["u", "u", "stranger"] {
        assert_eq!(serving.push(&pushes::json(user)).status, 200);
    }
    assert_eq!(serving.push("no push").status, 200);
    serving.is_ready();
    for (target, status) in [("/healthz", 200), ("/metrics", 200), (&target(), 404)] {
        assert_eq!(serving.ask(target).status, status, "{target}");
    }
    for (name, count) in [
        ("received_total", 4),
        ("stored_total", 1),
        ("duplicate_total", 1),
        ("held_total", 1),
        ("quarantined_total", 1),
        ("not_stored_total", 0),
        ("pending", 1),
        ("waiting_held", 1),
    ] {
        assert_eq!(serving.metric(&format!("weifen_inbox_{name}")), count, "{name}");
    }
    for target in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(client::get(serving.address, target).status, 404, "{target}");
    }
}

#[test]
fn whoever_does_not_know_the_secret_gets_404_and_nothing_is_stored() {
    let setup = Setup::new();
    let serving = setup.serve();
    let nothing = Answer { status: 404, body: String::new() };
    for target in ["/push/0f1e2d3c4b5a69788796a5b4c3d2e1f1", "/push/", "/push", "/", &target()[..20]] {
        assert_eq!(client::post(serving.address, target, &pushes::json("u")), nothing, "{target}");
    }
    assert!(setup.events().is_empty());
    assert_eq!(setup.inbox(&["quarantine"])["quarantine"].as_array().map(Vec::len), Some(0));
}

#[test]
fn either_of_two_secrets_opens_the_address() {
    let setup = Setup::new();
    let secrets = "first-secret-of-22-chars\nsecond-secret-of-22-chars\n";
    let setup = {
        let file = setup.file("two", secrets);
        setup.with("push_secret_file", &file)
    };
    let serving = setup.serve();
    for (secret, user) in secrets.lines().zip(["u", "v"]) {
        let answer = client::post(serving.address, &format!("/push/{secret}"), &pushes::json(user));
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"status":"ok"}"#));
    }
    assert_eq!(setup.events().len(), 2);
}
