//! The lines that `weifen sandbox` and `weifen serve --sandbox` print work as they stand, pasted into another
//! terminal.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use weifen::sandbox::test_data;
use xtask_services::signal::Signal;

use crate::support::{Program, Running};

const BINARY: &str = env!("CARGO_BIN_EXE_weifen");

/// The lines to paste, up to the line that holds `last`.
fn lines(running: &mut Running, last: &str) -> String {
    let mut text = String::new();
    while !text.lines().next_back().is_some_and(|line| line.contains(last)) {
        let line = running.line();
        assert!(!line.is_empty(), "it ended after: {text}");
        text.push_str(&line);
    }
    let (_, lines) = text.split_once("into another terminal:\n").expect("a line that says what to do with them");
    lines.to_owned()
}

/// Runs lines in a shell that stands in a folder of its own and stops at the first that fails.
#[track_caller]
fn pasted(lines: &str, path: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("/bin/sh");
    shell.env_clear().env("PATH", path).env("XDG_STATE_HOME", folder.path()).current_dir(folder.path());
    let Output { status, stdout, stderr } = shell.args(["-e", "-c", lines]).output().unwrap();
    assert!(status.success(), "{lines}\n{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

/// The commands among the lines.
fn commands(lines: &str) -> impl Iterator<Item = &str> {
    lines.lines().filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("export "))
}

#[test]
fn a_sandbox_is_tried_by_what_it_prints() {
    let mut sandbox = Program::new(&["sandbox"]).start();
    let lines = lines(&mut sandbox, "fensi qrcode");
    assert_eq!(commands(&lines).count(), 3, "{lines}");
    let printed = pasted(&lines, Path::new("/nowhere"));
    for told in ["18964524000", "七彩东莞"] {
        assert!(printed.contains(told), "{printed}");
    }
    assert_eq!(sandbox.end(Signal::INT).code, 0);
}

#[test]
fn a_push_goes_its_way_by_what_a_first_look_prints() {
    let arguments = ["serve", "--sandbox", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
    let mut serving = Program::new(&arguments).start();
    let lines = lines(&mut serving, "/v1/weiting/mobile");
    assert_eq!(commands(&lines).filter(|line| line.contains("curl ")).count(), 4, "{lines}");
    // Ours are named by their whole paths.
    let printed = if Path::new("/usr/bin/curl").exists() {
        let printed = pasted(&lines, Path::new("/usr/bin"));
        for told in ["{\"user\":{", "{\"mobile\":\"", "{\"deliveries\":[{\"id\":1,", "\"result\":\"done\"", "delivered"]
        {
            assert!(printed.contains(told), "{told} in {printed}");
        }
        printed
    } else {
        let own: Vec<_> = lines.lines().filter(|line| !line.contains("curl ")).collect();
        pasted(&own.join("\n"), Path::new("/usr/bin"))
    };
    let told =
        format!("{} follows wx3cc413efaf3b1922.\nThe push was answered with HTTP 200.\n", test_data::AUTH_OPEN_ID);
    let (_, listed) = printed.split_once(&told).unwrap_or_else(|| panic!("{told} in {printed}"));
    assert!(listed.contains(test_data::AUTH_OPEN_ID), "the event is listed: {listed}");
    assert_eq!(serving.end(Signal::INT).code, 0);
}

#[test]
fn the_program_is_named_as_a_shell_finds_it() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, others) = (folder.path().join("ours"), folder.path().join("others"));
    for bin in [&ours, &others] {
        fs::create_dir(bin).unwrap();
    }
    symlink(BINARY, ours.join("weifen")).unwrap();
    fs::write(others.join("weifen"), "#!/bin/sh\nexit 1\n").unwrap();
    fs::set_permissions(others.join("weifen"), fs::Permissions::from_mode(0o755)).unwrap();
    let binary = fs::canonicalize(BINARY).unwrap().display().to_string();
    for (path, name) in [(&ours, "weifen"), (&others, &*binary)] {
        let mut sandbox = Program::new(&["sandbox"]).env("PATH", path.to_str().unwrap()).start();
        let lines = lines(&mut sandbox, "fensi qrcode");
        assert!(commands(&lines).all(|line| line.starts_with(&format!("{name} "))), "{name}: {lines}");
        pasted(&lines, path);
    }
}

#[test]
fn a_path_that_needs_quotes_has_them() {
    let folder = tempfile::tempdir_in(Path::new(BINARY).parent().unwrap()).unwrap();
    let program = folder.path().join("it's a $HOME");
    fs::hard_link(fs::canonicalize(BINARY).unwrap(), &program).unwrap();
    let mut command = Command::new(program);
    command.arg("sandbox").env_clear().stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut sandbox = Running::new(command.spawn().unwrap(), folder);
    pasted(&lines(&mut sandbox, "fensi qrcode"), Path::new("/nowhere"));
}
