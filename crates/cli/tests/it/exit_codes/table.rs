//! The table of exit codes, row by row, for every operation of every class. A bug of weifen (1) can't be provoked.

use std::thread;

use xtask_specimens::Effect;

use crate::faults::operations::{OPERATIONS, Operation};
use crate::support::{Program, RawRequest, Reply, Server};

/// The reply to a call, or its lack.
#[derive(Debug, Clone, Copy)]
enum Meets {
    Answer,
    AnswerUnder500,
    Refusal,
    Nobody,
    NoTls,
    Hanging,
    Closing,
    Html,
    Redirect,
    Empty,
    TooLarge,
    NoSecret,
    UnknownOption,
}

/// Exit code and kind of a call, for each class: safe, counted, once, write.
type Ends = [(i32, &'static str); 4];

const DONE: (i32, &str) = (0, "");
const NOT_DELIVERED: (i32, &str) = (5, "not_delivered");
const NO_REPLY: (i32, &str) = (5, "no_reply");
const UNDECODABLE: (i32, &str) = (6, "undecodable");
const UNKNOWN: (i32, &str) = (7, "unknown_outcome");

const LOST: Ends = [NO_REPLY, NO_REPLY, UNKNOWN, UNKNOWN];
const NO_ANSWER: Ends = [UNDECODABLE, UNDECODABLE, UNDECODABLE, UNKNOWN];

const TABLE: [(Meets, Ends); 13] = [
    (Meets::Answer, [DONE; 4]),
    (Meets::AnswerUnder500, [DONE; 4]),
    (Meets::UnknownOption, [(2, "usage"); 4]),
    (Meets::NoSecret, [(3, "config"); 4]),
    (Meets::Refusal, [(4, "refused"); 4]),
    (Meets::Nobody, [NOT_DELIVERED; 4]),
    (Meets::NoTls, [NOT_DELIVERED; 4]),
    (Meets::Hanging, LOST),
    (Meets::Closing, LOST),
    (Meets::Html, NO_ANSWER),
    (Meets::Redirect, NO_ANSWER),
    (Meets::Empty, NO_ANSWER),
    (Meets::TooLarge, NO_ANSWER),
];

#[test]
fn every_row_holds_for_every_operation_of_every_class() {
    for effect in Effect::ALL {
        assert!(OPERATIONS.iter().any(|operation| operation.effect == effect), "{effect:?}");
    }
    thread::scope(|scope| {
        for operation in OPERATIONS.iter() {
            scope.spawn(move || TABLE.iter().for_each(|(meets, ends)| holds(operation, *meets, ends)));
        }
    });
}

fn holds(operation: &Operation, meets: Meets, ends: &Ends) {
    let (exit, kind) = match operation.effect {
        Effect::Safe => ends[0],
        Effect::Counted => ends[1],
        Effect::Once => ends[2],
        Effect::Write => ends[3],
    };
    let server = server(operation, meets);
    let ended = program(operation, meets, &server.url()).run();
    assert_eq!(ended.code, exit, "{} meets {meets:?}: {ended:?}", operation.name);
    if exit != 0 {
        let error = ended.error(exit);
        assert_eq!(error["kind"], kind, "{} meets {meets:?}", operation.name);
        let is_retryable = exit == 5 || (exit == 6 && matches!(operation.effect, Effect::Safe | Effect::Counted));
        assert_eq!(error["retryable"] == true, is_retryable, "{} meets {meets:?}", operation.name);
        if matches!(meets, Meets::Nobody) {
            assert!(error["message"].as_str().unwrap().contains("Connection refused"), "{error}");
        }
        return;
    }
    let (done, printed) = (ended.done(), operation.printed());
    for (name, value) in printed.as_object().unwrap() {
        assert_eq!(&done[name], value, "{}", operation.name);
    }
}

fn server(operation: &Operation, meets: Meets) -> Server {
    let reply = match meets {
        Meets::Answer | Meets::NoSecret | Meets::UnknownOption => Reply::json(operation.answer().to_string()),
        Meets::AnswerUnder500 => Reply::with("500 Oops", "", operation.answer().to_string()),
        Meets::Refusal => Reply::json(operation.refusal("no")),
        Meets::Hanging => Reply::Hang,
        Meets::Nobody | Meets::NoTls | Meets::Closing => Reply::Close,
        Meets::Html => Reply::with("200 OK", "content-type: text/html\r\n", "<html>"),
        Meets::Redirect => Reply::with("302 Found", "location: http://elsewhere.example/\r\n", ""),
        Meets::Empty => Reply::with("200 OK", "", ""),
        Meets::TooLarge => Reply::json(format!(r#"{{"x": "{}"}}"#, "x".repeat(2000))),
    };
    let answer = move |_: &RawRequest| reply.clone();
    if operation.carries_token() { Server::behind_token(answer) } else { Server::start(answer) }
}

fn program(operation: &Operation, meets: Meets, server: &str) -> Program {
    let url = match meets {
        Meets::Nobody => Server::nowhere(),
        Meets::NoTls => server.replace("http:", "https:"),
        _ => server.to_owned(),
    };
    let program = Program::at(&url, &operation.arguments).trusting_nobody().arg("--json");
    let program = program.env("WEIFEN_WEITING_TOKEN_STORE", "memory");
    let program = program.arg(if matches!(meets, Meets::Hanging) { "--timeout=5" } else { "--timeout=60" });
    match meets {
        Meets::NoSecret => program.without("WEIFEN_WEITING_SECRET").without("WEIFEN_FENSI_APP_SECRET"),
        Meets::UnknownOption => program.arg("--no-such-option"),
        Meets::TooLarge => program.env("WEIFEN_HTTP_BODY_CAP", "1024"),
        _ => program,
    }
}
