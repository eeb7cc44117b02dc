//! `weifen inbox tail`: events as they come in.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};
use xtask_services::signal::Signal;

use crate::patience::eventually;
use crate::support::{InboxFile, push};

#[test]
fn an_event_is_printed_when_it_comes_and_those_before_are_not() {
    let file = InboxFile::with(&[push("before").as_bytes()]);
    let mut programs = file.program(&["tail", "--json"]).start();
    let mut people = file.program(&["tail"]).start();
    for tail in [&mut programs, &mut people] {
        assert!(tail.error_line().starts_with("weifen: waiting for events in sqlite:"));
    }
    assert!(people.line().starts_with("id  status  received_at"));
    for (id, user) in [(2, "first"), (3, "second")] {
        file.receive(&[push(user).as_bytes()]);
        let event: Value = serde_json::from_str(&programs.line()).unwrap();
        assert_eq!((&event["id"], &event["status"]), (&json!(id), &json!("held")));
        assert_eq!(event["push"]["auth_open_id"], user);
        assert!(people.line().contains(user));
    }
    for (tail, signal) in [(programs, Signal::INT), (people, Signal::TERM)] {
        let ended = tail.end(signal);
        assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{ended:?}");
    }
}

#[test]
fn it_ends_when_its_reader_has_gone_away() {
    let file = InboxFile::with(&[push("before").as_bytes()]);
    let (mut child, _folder) = file.program(&["tail"]).stdout(Stdio::piped()).spawn(Stdio::null());
    let mut header = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut header).unwrap();
    let mut user = 0;
    let ended = eventually("it ends", || {
        user += 1;
        file.receive(&[push(&format!("u{user}")).as_bytes()]);
        child.try_wait().unwrap()
    });
    assert_eq!(ended.code(), Some(0));
}
