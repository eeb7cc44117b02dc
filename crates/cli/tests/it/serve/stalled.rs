//! Stderr and stdout that nobody reads, or that can't be written to: a server goes on, and ends when it is told to.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Write, pipe};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask_services::signal::Signal;

use super::client::{Client, JSON};
use super::pushes;
use super::serving::{End, Serving, Starting, target};
use super::setup::{DELIVER_SECRET, Setup};
use crate::patience::{HANGS, eventually, within};

const IN_ORDER: End = End { code: Some(0), stdout: Vec::new() };
const DROPPED: &str = "weifen_log_lines_dropped_total";
/// The time between two pushes where 50 come in a second.
const PACE: Duration = Duration::from_millis(20);

/// A server whose log goes into a pipe.
fn logging_into_a_pipe(setup: &Setup, flags: &[&str]) -> (Serving, PipeReader) {
    let (reader, writer) = pipe().unwrap();
    let program = setup.program(&[&["serve", "--json"], flags].concat());
    (Starting::new(program.spawn(writer), setup.path().join("log")).ready(), reader)
}

/// A pipe that takes nothing more.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = pipe().unwrap();
    let size = rustix::pipe::fcntl_getpipe_size(&writer).unwrap();
    writer.write_all(&vec![b'\n'; size]).unwrap();
    (reader, writer)
}

/// Pushes `count` bodies that are no pushes, of which the log tells, from each of several clients; all are answered.
fn push_nonsense(serving: &Serving, clients: usize, count: usize, pace: Duration) {
    let address = serving.address;
    thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(move || {
                let mut client = Client::new(address);
                for _ in 0..count {
                    let next = Instant::now() + pace;
                    assert_eq!(client.post(&target(), JSON, "no push").unwrap().status, 200);
                    sleep(next.saturating_duration_since(Instant::now()));
                }
            });
        }
    });
}

#[test]
fn a_reader_of_the_log_that_stalls_stops_nothing() {
    let setup = Setup::new().with("drain_s", "2");
    let (serving, reader) = logging_into_a_pipe(&setup, &["-vv"]);
    push_nonsense(&serving, 4, 500, PACE);
    assert_eq!(serving.ask("/healthz").status, 200);
    assert_eq!(serving.metric("weifen_inbox_quarantined_total"), 2000);
    assert!(serving.metric(DROPPED) > 0);
    serving.signal(Signal::TERM);
    // The drain, a second for the log, and what a busy machine adds.
    assert_eq!(serving.ended(Duration::from_secs(8)), IN_ORDER);
    for line in BufReader::new(reader).lines() {
        let line = line.unwrap();
        assert!(serde_json::from_str::<Value>(&line).is_ok(), "{line}");
    }
}

#[test]
fn a_log_with_a_gap_says_how_many_lines_are_missing_and_goes_on_at_once() {
    let setup = Setup::new();
    let (serving, reader) = logging_into_a_pipe(&setup, &["-vv"]);
    eventually("lines are dropped", || {
        push_nonsense(&serving, 32, 10, Duration::ZERO);
        (serving.metric(DROPPED) > 0).then_some(())
    });
    let dropped = serving.metric(DROPPED);
    let (say, said) = mpsc::channel();
    thread::spawn(move || {
        BufReader::new(reader).lines().map_while(Result::ok).try_for_each(|line| say.send(line)).unwrap_or_default();
    });
    let next = || -> Value {
        let line = said.recv_timeout(HANGS).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"))
    };
    let gap = format!("{dropped} lines were dropped");
    while !next()["message"].as_str().is_some_and(|message| message.starts_with(&gap)) {}
    // It is told once, and what is logged now comes now.
    push_nonsense(&serving, 1, 1, Duration::ZERO);
    loop {
        let line = next().to_string();
        assert!(!line.contains("were dropped"), "{line}");
        if line.contains("quarantine") {
            break;
        }
    }
    assert_eq!(serving.metric(DROPPED), dropped);
}

#[test]
fn a_second_signal_ends_a_server_whose_log_and_delivery_are_stuck() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let setup = Setup::new().paying_all().with("drain_s", "3000").with("deliver_timeout_s", "2000");
    let secret = setup.file("deliver-secret", DELIVER_SECRET);
    let setup = setup.with("lease_s", "3000").with("deliver_secret_file", &secret);
    let setup = setup.with("deliver_url", &format!("http://{}/", silent.local_addr().unwrap()));
    let (_reader, writer) = full_pipe();
    let serving = Starting::new(setup.program(&["serve", "--json"]).spawn(writer), setup.path().join("log")).ready();
    assert_eq!(serving.push(&pushes::json("u")).status, 200);
    let (_delivery, _) = silent.accept().unwrap();
    serving.signal(Signal::TERM);
    eventually("it takes no more", || TcpStream::connect(serving.address).is_err().then_some(()));
    serving.signal(Signal::TERM);
    assert_eq!(serving.ended(Duration::from_secs(5)), IN_ORDER);
}

#[test]
fn a_server_that_is_not_ready_yet_ends_when_it_is_told_to() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let setup = Setup::at(&format!("postgres://u@{}/d", silent.local_addr().unwrap()));
    for signal in [Signal::TERM, Signal::INT] {
        let starting = setup.start();
        let (_connection, _) = silent.accept().unwrap();
        starting.signal(signal);
        assert_eq!(starting.ended(Duration::from_secs(5)), IN_ORDER, "{signal:?}");
    }
}

#[test]
fn a_log_that_can_not_be_written_stops_nothing() {
    let setup = Setup::new();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (reader, broken) = pipe().unwrap();
    drop(reader);
    for stderr in [Stdio::from(full), Stdio::from(broken)] {
        let child = setup.program(&["serve", "--json"]).spawn(stderr);
        let serving = Starting::new(child, setup.path().join("log")).ready();
        push_nonsense(&serving, 1, 20, Duration::ZERO);
        assert_eq!(serving.ask("/healthz").status, 200);
        assert!(serving.metric(DROPPED) > 0);
        assert_eq!(serving.end(Signal::TERM), IN_ORDER);
    }
}

/// Starts a server with this stdout; its log tells what becomes of it.
fn saying_into(setup: &Setup, stdout: impl Into<Stdio>) -> Child {
    let log = OpenOptions::new().create(true).append(true).open(setup.path().join("log")).unwrap();
    let (child, _) = setup.program(&["serve", "--json"]).stdout(stdout).spawn_as_it_is(log);
    child
}

fn ended(mut child: Child) -> Option<i32> {
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    within(Duration::from_secs(15), "it has ended", || child.try_wait().unwrap()).code()
}

#[test]
fn a_stdout_that_nobody_reads_stops_nothing() {
    let setup = Setup::new();
    let (_reader, writer) = full_pipe();
    let child = saying_into(&setup, writer);
    eventually("it begins", || setup.log().contains("events are stored and wait").then_some(()));
    // It is ready, and its line is stuck.
    sleep(Duration::from_secs(1));
    assert_eq!(ended(child), Some(0));
}

#[test]
fn a_full_disk_at_stdout_is_told_in_the_log() {
    let setup = Setup::new();
    let child = saying_into(&setup, OpenOptions::new().write(true).open("/dev/full").unwrap());
    eventually("it is told", || setup.log().contains("could not print its addresses: stdout").then_some(()));
    assert_eq!(ended(child), Some(0));
}
