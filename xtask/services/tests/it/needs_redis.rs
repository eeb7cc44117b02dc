//! Real Redis servers, one per test.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use xtask_services::Redis;

use crate::programs::{Programs, run_test};

/// Sends inline commands, and returns the answers.
fn ask(redis: &Redis, lines: &[&str]) -> io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", redis.port()))?;
    for line in lines {
        write!(stream, "{line}\r\n")?;
    }
    write!(stream, "QUIT\r\n")?;
    let mut answers = String::new();
    stream.read_to_string(&mut answers)?;
    Ok(answers)
}

fn process_id(redis: &Redis) -> String {
    let answers = ask(redis, &["INFO server"]).unwrap();
    let line = answers.lines().find_map(|line| line.strip_prefix("process_id:"));
    line.expect("INFO names the process").to_owned()
}

#[test]
fn it_answers() {
    let redis = Redis::start();
    assert_eq!(ask(&redis, &["PING"]).unwrap(), "+PONG\r\n+OK\r\n");
    assert_eq!(redis.url(), format!("redis://127.0.0.1:{}", redis.port()));
}

#[test]
fn two_at_once_are_two() {
    let (one, other) = (Redis::start(), Redis::start());
    assert_ne!(one.port(), other.port());
    ask(&one, &["SET key one"]).unwrap();
    assert_eq!(ask(&other, &["GET key"]).unwrap(), "$-1\r\n+OK\r\n");
}

#[test]
fn a_stopped_one_refuses_and_comes_back_empty_on_its_port() {
    let mut redis = Redis::start();
    let url = redis.url();
    ask(&redis, &["SET key value"]).unwrap();
    redis.stop();
    redis.stop();
    assert_eq!(ask(&redis, &["PING"]).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    redis.restart();
    assert_eq!(redis.url(), url);
    assert_eq!(ask(&redis, &["GET key"]).unwrap(), "$-1\r\n+OK\r\n");
}

#[test]
fn a_stop_cuts_an_open_connection() {
    let mut redis = Redis::start();
    let mut stream = TcpStream::connect(("127.0.0.1", redis.port())).unwrap();
    redis.stop();
    // Cut or closed: nothing more comes either way.
    assert_eq!(stream.read(&mut [0]).unwrap_or_default(), 0);
}

#[test]
fn a_durable_one_has_what_it_acknowledged_after_a_restart() {
    let mut redis = Redis::start_durable();
    ask(&redis, &["SET key value"]).unwrap();
    redis.restart();
    assert_eq!(ask(&redis, &["GET key"]).unwrap(), "$5\r\nvalue\r\n+OK\r\n");
}

#[test]
fn a_protected_one_wants_its_password_after_a_restart_too() {
    let password = "quite \"a\" \\ 秘密";
    let mut redis = Redis::with_password(password);
    redis.restart();
    assert!(ask(&redis, &["GET key"]).unwrap().starts_with("-NOAUTH"));
    let login = format!("*2\r\n$4\r\nAUTH\r\n${}\r\n{password}", password.len());
    assert_eq!(ask(&redis, &[&login, "PING"]).unwrap(), "+OK\r\n+PONG\r\n+OK\r\n");
    assert!(!format!("{redis:?} {}", redis.url()).contains("quite"));
}

#[test]
fn a_port_that_another_program_was_quicker_to_take_is_no_failure() {
    let programs = Programs::new();
    let real = Redis::SERVER.find().unwrap();
    let script = format!(
        "mkdir \"$0.tried\" && echo 'bind: Address already in use' && exit 1\nexec '{}' \"$@\"",
        real.display()
    );
    let server = programs.add("redis-server", &script);
    let test = run_test("needs_redis::it_answers", Redis::SERVER.variable, server);
    assert!(test.status.success(), "{test:?}");
    assert!(programs.path("redis-server.tried").is_dir());
}

#[test]
fn a_restart_never_takes_another_redis_for_its_own() {
    let mut redis = Redis::start();
    redis.stop();
    let mut other = Command::new(Redis::SERVER.find().unwrap())
        .args(["--bind", "127.0.0.1", "--port", &redis.port().to_string(), "--save", ""])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while ask(&redis, &["PING"]).is_err() {
        assert_eq!(other.try_wait().unwrap(), None);
        thread::sleep(Duration::from_millis(20));
    }
    let restarted = catch_unwind(AssertUnwindSafe(|| redis.restart()));
    other.kill().unwrap();
    other.wait().unwrap();
    let words = format!("port {} of 127.0.0.1 is taken by another program", redis.port());
    assert_eq!(restarted.unwrap_err().downcast_ref(), Some(&words));
}

#[test]
fn a_dropped_one_leaves_no_process_and_no_folder() {
    let redis = Redis::start();
    let folder = folder(&redis);
    assert!(folder.is_dir());
    let process = PathBuf::from(format!("/proc/{}", process_id(&redis)));
    drop(redis);
    assert!(!folder.exists());
    assert!(!process.exists());
}

/// Returns the folder of its files, as it reports it.
fn folder(redis: &Redis) -> PathBuf {
    let answers = ask(redis, &["CONFIG GET dir"]).unwrap();
    answers.lines().find(|line| line.starts_with('/')).expect("CONFIG names the folder").into()
}
