//! Commands that are wrong: exit code 2, in the form that was asked for, and never a value.

use serde_json::json;

use crate::support::Program;

const WRONG: [(&[&str], &str); 20] = [
    (&[], "a command is missing"),
    (&["weiting"], "a command is missing"),
    (&["wieting"], "unknown command"),
    (&["weiting", "mobile"], "missing: --ticket <TICKET>"),
    (&["weiting", "mobile", "--ticket"], "--ticket needs a value (one that begins with a hyphen: --option=VALUE)"),
    (&["weiting", "mobile", "--ticket", "a", "--ticket", "CANARY"], "--ticket is given twice"),
    (&["weiting", "mobile", "--ticket", "a", "CANARY"], "a value is not expected here"),
    (&["weiting", "mobile", "--tikcet=CANARY"], "unknown option --tikcet"),
    (&["weiting", "openid", "--code", "CANARY", "--callback", "CANARY"], "--code and --callback cannot be combined"),
    (&["weiting", "openid"], "missing: <--code <CODE>|--callback <URL>>"),
    (&["weiting", "token", "--timeout", "0.5"], "--timeout: expected a whole number from 1 to 3600"),
    (&["inbox"], "a command is missing"),
    (&["inbox", "show"], "missing: <ID>"),
    (
        &["inbox", "show", "evt_CANARY"],
        "ID: expected an event's number, such as 7 (its webhook_id is for those who receive it)",
    ),
    (&["inbox", "list", "--held", "--dead"], "--held and --dead cannot be combined"),
    (&["inbox", "purge"], "missing: --older-than <AGE>"),
    (&["inbox", "purge", "--older-than", "1w"], "--older-than: expected seconds such as 3600, or 45s, 15m, 12h, 30d"),
    (&["inbox", "stats", "--database", "CANARY.db"], "--database: expected sqlite:PATH or postgres://HOST/DATABASE"),
    (
        &["fensi", "qrcode", "--auth-open-id=u", "--nickname=n", "--sex=0", "--ip=::1", "--database=sqlite:CANARY.db"],
        "missing: --book",
    ),
    (
        &["sign", "--timestamp", "007", "--nonce", "CANARY"],
        "--timestamp: expected seconds since 1970, in digits, with no zero before them",
    ),
];

#[test]
fn a_wrong_command_is_told_to_people() {
    for (arguments, message) in WRONG {
        let ended = Program::new(arguments).run();
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(ended.stderr.lines().next(), Some(format!("error: {message}").as_str()), "{arguments:?}");
        assert!(!ended.stderr.contains("CANARY"), "{ended:?}");
    }
}

#[test]
fn a_wrong_command_is_told_to_programs_wherever_json_stands() {
    for (arguments, message) in WRONG {
        let before = [&["--json"], arguments].concat();
        // Behind an option that lacks its value it would be that value's place.
        let after = [arguments, &["--json"]].concat();
        for arguments in [before, after] {
            let ended = Program::new(&arguments).run();
            let error = ended.error(2);
            assert_eq!((&error["kind"], &error["message"]), (&json!("usage"), &json!(message)), "{arguments:?}");
            assert!(ended.stderr.is_empty(), "{ended:?}");
            assert!(!ended.stdout.contains("CANARY"), "{ended:?}");
        }
    }
}

#[test]
fn a_wrong_timeout_is_wrong_for_every_command() {
    for arguments in [
        &["demo"][..],
        &["sandbox"],
        &["sign", "--timestamp", "1", "--nonce", "n"],
        &["weiting", "token"],
        &["fensi", "cities"],
        &["fensi", "push", "--file", "-"],
        &["inbox", "stats"],
    ] {
        let error = Program::new(arguments).arg("--json").arg("--timeout=3601").run().error(2);
        assert_eq!(error["kind"], "usage", "{arguments:?}");
    }
}

#[test]
fn commands_of_later_days_are_unknown() {
    assert_eq!(Program::new(&["surgeon", "--json"]).run().error(2)["kind"], "usage");
}

#[test]
fn a_near_miss_is_helped() {
    let error = Program::new(&["weiting", "mobile", "--tickt=x", "--json"]).run().error(2);
    assert_eq!(error["hint"], "did you mean --ticket?");
    let error = Program::new(&["wieting", "--json"]).run().error(2);
    assert_eq!(error["hint"], "did you mean weiting?");
}

#[test]
fn help_and_version_are_done() {
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["weiting", "--help"],
        &["weiting", "token", "--help"],
        &["fensi", "qrcode", "--help"],
        &["inbox", "--help"],
        &["inbox", "purge", "--help"],
    ] {
        let ended = Program::new(arguments).run();
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(ended.stdout.contains("Usage: weifen"), "{ended:?}");
    }
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(Program::new(&["--version"]).run().stdout, format!("weifen {version}\n"));
    assert_eq!(Program::new(&["--json", "--version"]).run().done(), json!({"version": version}));
    let help = Program::new(&["weiting", "--help", "--json"]).run().done();
    assert!(help["help"].as_str().unwrap().contains("authorize-url"), "{help}");
}

#[test]
fn an_argument_that_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStrExt;

    let argument = std::ffi::OsStr::from_bytes(b"CANARY\xff");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_weifen"))
        .args(["--json", "weiting", "mobile", "--ticket"])
        .arg(argument)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("not UTF-8") && !stdout.contains("CANARY"), "{stdout}");
}
