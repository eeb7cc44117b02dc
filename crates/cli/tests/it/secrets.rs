//! Secrets come from files, the environment and stdin, never from an argument, and nothing prints them.

use xtask_specimens::SPECIMENS;

use crate::support::{Program, Reply, Sandboxed, Server, call};

#[test]
fn a_secret_may_stand_in_a_file_of_which_one_newline_is_dropped() {
    let sandbox = Sandboxed::start();
    let secret = weifen::sandbox::test_data::SECRET;
    for content in [secret.to_owned(), format!("{secret}\n"), format!("{secret}\r\n")] {
        let program = sandbox.program(&["weiting", "token", "--json"]).without("WEIFEN_WEITING_SECRET");
        program.env("WEIFEN_WEITING_SECRET_FILE", "secret").file("secret", content).run().done();
    }
    let program = sandbox.program(&["weiting", "token", "--json"]).without("WEIFEN_WEITING_SECRET");
    let program = program.env("WEIFEN_WEITING_SECRET_FILE", "secret").file("secret", format!("{secret}\n\n"));
    assert_eq!(program.run().error(4)["kind"], "refused", "what more stands there belongs to it");
}

#[test]
fn a_secret_may_come_from_stdin() {
    let sandbox = Sandboxed::start();
    let (secret, app_secret) = (weifen::sandbox::test_data::SECRET, weifen::sandbox::test_data::APP_SECRET);
    let program = sandbox.program(&["weiting", "token", "--json"]).without("WEIFEN_WEITING_SECRET");
    program.env("WEIFEN_WEITING_SECRET_FILE", "-").stdin(format!("{secret}\n")).run().done();
    let program = sandbox.program(&["fensi", "scenes", "--json"]).without("WEIFEN_FENSI_APP_SECRET");
    program.env("WEIFEN_FENSI_APP_SECRET_FILE", "-").stdin(app_secret).run().done();
}

#[test]
fn stdin_is_read_for_one_value_only() {
    let ended =
        Program::new(&["weiting", "login-report", "--openid", "-", "--deviceno", "-", "--json"]).stdin("x").run();
    let error = ended.error(2);
    assert_eq!(error["kind"], "usage");
    let program = Program::new(&["weiting", "mobile", "--ticket", "-", "--json"]).stdin("CANARY");
    let ended = program.env("WEIFEN_WEITING_SECRET_FILE", "-").run();
    let message = ended.error(2)["message"].as_str().unwrap().to_owned();
    assert!(message.contains("--ticket") && message.contains("weiting.secret_file"), "{message}");

    // The other vendor's secret is not needed, and its stdin is free.
    let sandbox = Sandboxed::start();
    let program = sandbox.program(&["weiting", "mobile", "--ticket", "-", "--json"]).stdin("sandbox-ticket-1\n");
    program.without("WEIFEN_FENSI_APP_SECRET").env("WEIFEN_FENSI_APP_SECRET_FILE", "-").run().done();
}

#[test]
fn stdin_that_is_no_text_or_has_no_end_is_refused() {
    let ticket = ["weiting", "mobile", "--ticket", "-", "--json"];
    for (stdin, told) in [(vec![0xff, 0xfe], "not UTF-8"), (vec![b'x'; 100_000], "more than")] {
        let error = Program::new(&ticket).stdin(stdin).run().error(2);
        assert!(error["message"].as_str().unwrap().contains(told), "{error}");
    }
    assert_eq!(Program::new(&ticket).stdin("\n").run().error(2)["kind"], "invalid_request");
}

#[test]
fn no_option_takes_a_secret() {
    for option in ["--secret", "--app-secret", "--appid", "--token", "--access-token", "--password"] {
        let ended = Program::new(&["weiting", "token", "--json", option, "CANARY"]).run();
        assert_eq!(ended.error(2)["kind"], "usage", "{option}");
        assert!(!ended.printed().contains("CANARY"), "{ended:?}");
    }
}

#[test]
fn a_url_argument_that_carries_a_password_is_refused() {
    let server = Server::start(|_| Reply::Close);
    for url in [
        "https://user:CANARY@h/back",
        "https://:CANARY@h/",
        "https:/user:CANARY@h/",
        "//user:CANARY@h/",
        "https://CANARY@h/",
        "https://user:CAN/ARY@h/",
        "https://user:12/CANARY@h/",
        "https://h/?password=CANARY",
        "https://h/?a=b&db_Password=CANARY",
    ] {
        let notify = [&call("prize_notice")[..12], &["--url", url]].concat();
        let qrcode = [call("qrcode"), &["--state", url]].concat();
        for arguments in [
            &["weiting", "authorize-url", "--state", url][..],
            &["weiting", "openid", "--callback", url],
            &["sandbox", "--push-url", url],
            &notify,
            &qrcode,
        ] {
            let ended = Program::at(&server.url(), arguments).arg("--json").run();
            let error = ended.error(2);
            assert_eq!(error["kind"], "usage", "{arguments:?}");
            assert!(!ended.printed().contains("CANARY"), "{ended:?}");
        }
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_url_without_a_password_is_taken() {
    let sandbox = Sandboxed::start();
    for url in ["http://127.0.0.1:8080/@alice", "https://example.com/?mail=a@b&passenger=1", "http://localhost:80/@x"] {
        sandbox.json(&["weiting", "authorize-url", "--state", url]).done();
    }
}

#[test]
fn nothing_prints_a_secret_however_much_is_told() {
    let canaries = ["CANARY-SECRET", "CANARY-APP", "CANARY-CODE", "CANARY-TICKET", "18900001234", "CANARY-REMARK"];
    let faults = [
        Reply::with("200 OK", "", "<html>CANARY-SECRET CANARY-APP CANARY-CODE CANARY-TICKET 18900001234</html>"),
        Reply::Close,
        Reply::with("302 Found", "location: http://h/?code=CANARY-CODE&ticket=CANARY-TICKET\r\n", ""),
        Reply::json(r#"{"status":"CANARY-SECRET","errcode":"CANARY-CODE","code":"CANARY-APP"}"#),
    ];
    let notice = [&call("prize_notice")[..10], &["--remark", "CANARY-REMARK", "--url", "http://h/"]].concat();
    let calls = [
        &["weiting", "token"][..],
        &["weiting", "openid", "--code", "CANARY-CODE"],
        &["weiting", "openid", "--callback", "http://h/?code=CANARY-CODE"],
        &["weiting", "mobile", "--ticket", "CANARY-TICKET"],
        &["weiting", "login-report", "--openid", "O", "--deviceno", "18900001234"],
        &notice,
        &["fensi", "scenes"],
    ];
    for fault in faults {
        let server = Server::behind_token(move |_| fault.clone());
        for (index, arguments) in calls.iter().enumerate() {
            let program = Program::at(&server.url(), arguments)
                .env("WEIFEN_WEITING_SECRET", "CANARY-SECRET")
                .env("WEIFEN_FENSI_APP_SECRET", "CANARY-APP")
                .arg("-vvv");
            let ended = program.run();
            assert_eq!(ended.code == 0, index == 0, "only the token is given: {ended:?}");
            for canary in canaries {
                assert!(!ended.printed().contains(canary), "{arguments:?} prints {canary}: {ended:?}");
            }
        }
    }
}

#[test]
fn verbose_tells_each_request_without_its_query() {
    let server = Server::behind_token(|_| Reply::json(r#"{"errcode":0,"data":{"mobile":"17717463317"}}"#));
    let ended = Program::at(&server.url(), call("mobile_by_ticket")).arg("-v").run();
    assert_eq!(ended.stdout, "17717463317\n");
    let told: Vec<_> = ended.stderr.lines().collect();
    assert_eq!(told.len(), 2, "{told:?}");
    let line = format!("weifen: GET {}/service/appOauthen/Ticket: HTTP 200, 45 bytes, ", server.url());
    assert!(told[1].starts_with(&line), "{told:?}");
    assert!(!ended.stderr.contains("access_token="), "{told:?}");
}

#[test]
fn silence_is_kept_without_verbose() {
    let sandbox = Sandboxed::start();
    for specimen in SPECIMENS {
        let ended = sandbox.json(call(specimen.name()));
        assert_eq!(ended.stderr, "", "{}", specimen.name());
        assert_eq!(ended.stdout.lines().count(), 1, "{}", specimen.name());
    }
}
