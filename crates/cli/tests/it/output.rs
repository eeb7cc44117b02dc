//! Output to a terminal, and output that nobody reads.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::support::{Program, Reply, Sandboxed, Server, call};

/// An escape sequence, a bell, C1's CSI, an override of the writing direction, a forged line.
const HOSTILE: &str = "\\u001b[2J\\u001b]0;x\\u0007\u{9b}31m\u{202e}gnp.exe\\nerror: forged";

fn is_raw(c: char) -> bool {
    (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c)
}

#[test]
fn a_vendors_escapes_are_shown_and_not_obeyed() {
    let refusal = format!(r#"{{"status":7,"errMsg":"{HOSTILE}","code":7,"message":"{HOSTILE}"}}"#);
    let server = Server::behind_token(move |_| Reply::json(refusal.clone()));
    for operation in ["openid_by_code", "order_report", "scenes"] {
        let people = Program::at(&server.url(), call(operation)).run();
        assert_eq!(people.code, 4);
        assert!(!people.stderr.contains(is_raw), "{people:?}");
        assert!(people.stderr.contains("\\u{1b}[2J") && people.stderr.contains("\\u{9b}31m"), "{people:?}");
        let lines: Vec<_> = people.stderr.lines().map(|line| line.split(' ').next()).collect();
        assert_eq!(lines, [Some("error:"), Some("hint:")], "no line is forged: {people:?}");

        let json = Program::at(&server.url(), call(operation)).arg("--json").run();
        assert!(!json.stdout.contains(is_raw), "{json:?}");
        assert_eq!(json.error(4)["message"], "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{202e}gnp.exe\nerror: forged");
    }
}

#[test]
fn escapes_in_answers_are_shown_and_not_obeyed() {
    let scenes = format!(r#"{{"code":20000,"data":[{{"id":1,"name":"{HOSTILE}"}}],"message":"ok"}}"#);
    let server = Server::start(move |_| Reply::json(scenes.clone()));
    let people = Program::at(&server.url(), call("scenes")).run();
    assert_eq!((people.code, people.stdout.lines().count()), (0, 2), "{people:?}");
    assert!(!people.stdout.contains(is_raw) && people.stdout.contains("\\u{202e}"), "{people:?}");

    let push = format!(
        r#"{{"key":"k","develop_appid":"d","auth_open_id":"u","bidding":1,"appid":"a","nickname":"{HOSTILE}"}}"#
    );
    let people = Program::new(&["fensi", "push", "--file", "-"]).stdin(push).run();
    assert_eq!(people.code, 0);
    assert!(!people.stdout.contains(is_raw) && people.stdout.contains("\\u{1b}"), "{people:?}");
}

#[test]
fn chinese_stays_chinese_in_json() {
    let sandbox = Sandboxed::start();
    let ended = sandbox.json(&["fensi", "cities"]);
    assert!(ended.stdout.contains("北京市") && !ended.stdout.contains("\\u"), "{ended:?}");
    assert!(!ended.stdout.contains(": "), "compact: {ended:?}");
}

#[test]
fn an_emoji_of_several_stays_whole() {
    let family = "👨\u{200d}👩\u{200d}👧";
    let scenes = format!(r#"{{"code":20000,"data":[{{"id":1,"name":"{family}"}}],"message":"ok"}}"#);
    let server = Server::start(move |_| Reply::json(scenes.clone()));
    for arguments in [&["fensi", "scenes"][..], &["fensi", "scenes", "--json"]] {
        let ended = Program::at(&server.url(), arguments).run();
        assert!(ended.stdout.contains(family), "{ended:?}");
    }
}

#[test]
fn a_reader_that_went_away_is_no_fault() {
    for arguments in [&["--help"][..], &["demo"], &["demo", "--json"], &["nonsense", "--json"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_weifen"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let status = child.wait().unwrap();
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let expected = if arguments[0] == "nonsense" { 2 } else { 0 };
        assert_eq!((status.code(), stderr.as_str()), (Some(expected), ""), "{arguments:?}");
    }
}

#[test]
fn a_full_disk_is_told() {
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    let sandbox = Sandboxed::start();
    for arguments in [&["fensi", "scenes"][..], &["fensi", "scenes", "--json"]] {
        let ended = sandbox.program(arguments).stdout(full()).run_as_it_is();
        assert_eq!(ended.code, 3, "{ended:?}");
        assert!(ended.stderr.starts_with("error: stdout: "), "{ended:?}");
    }
}

#[test]
fn a_closed_stdout_is_no_fault() {
    let script = format!("'{}' --version >&-", env!("CARGO_BIN_EXE_weifen"));
    let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_stderr_that_nobody_reads_holds_up_no_command() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let size = rustix::pipe::fcntl_getpipe_size(&writer).unwrap();
    writer.write_all(&vec![b'\n'; size]).unwrap();
    let sandbox = Sandboxed::start();
    let (child, _folder) = sandbox.program(&["-vv", "fensi", "scenes", "--json"]).spawn(writer);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stdout.starts_with(b"{\"scenes\":"), "{output:?}");
    drop(reader);
}
