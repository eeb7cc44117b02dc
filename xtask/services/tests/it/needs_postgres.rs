//! Real PostgreSQL servers, one per test.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, symlink};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use xtask_services::Postgres;

use crate::programs::{Programs, run_test, words_of_a_failing_test};

/// Opens a connection, logs in without a password, and sends `message`.
fn connect(postgres: &Postgres, message: &[u8]) -> io::Result<TcpStream> {
    let login = b"\x00\x03\x00\x00user\x00postgres\x00database\x00postgres\x00\x00";
    let length = u32::try_from(login.len() + 4).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", postgres.port()))?;
    stream.write_all(&[&length.to_be_bytes(), &login[..], message].concat())?;
    Ok(stream)
}

/// Runs a statement; returns the values of its rows, one per line.
fn ask(postgres: &Postgres, statement: &str) -> io::Result<String> {
    let length = u32::try_from(statement.len() + 5).unwrap();
    let query = [b"Q", &length.to_be_bytes()[..], statement.as_bytes(), b"\x00X\x00\x00\x00\x04"].concat();
    let mut answers = Vec::new();
    connect(postgres, &query)?.read_to_end(&mut answers)?;
    let mut values = String::new();
    let mut rest = &answers[..];
    // A message is a letter, its length without the letter, and its content.
    while let [kind, a, b, c, d, ..] = *rest {
        let (message, others) = rest.split_at(1 + u32::from_be_bytes([a, b, c, d]) as usize);
        match kind {
            // The number of values, then each after its length; these rows have one value.
            b'D' => values = values + &String::from_utf8_lossy(&message[11..]) + "\n",
            b'E' => return Err(io::Error::other(String::from_utf8_lossy(message))),
            _ => {}
        }
        rest = others;
    }
    Ok(values)
}

fn tell(postgres: &Postgres, statement: &str) {
    assert_eq!(ask(postgres, statement).unwrap(), "");
}

fn setting(postgres: &Postgres, name: &str) -> String {
    ask(postgres, &format!("SHOW {name}")).unwrap().trim_end().to_owned()
}

/// Returns its data folder, as it reports it.
fn data(postgres: &Postgres) -> PathBuf {
    setting(postgres, "data_directory").into()
}

/// Returns the folder of its main process in /proc.
fn process(postgres: &Postgres) -> PathBuf {
    let lock = fs::read_to_string(data(postgres).join("postmaster.pid")).unwrap();
    Path::new("/proc").join(lock.lines().next().unwrap())
}

#[test]
fn it_answers() {
    let postgres = Postgres::start();
    assert_eq!(ask(&postgres, "SELECT 6 * 7").unwrap(), "42\n");
    assert_eq!(postgres.url(), format!("postgres://postgres@127.0.0.1:{}/postgres", postgres.port()));
}

#[test]
fn it_is_what_its_description_says() {
    let postgres = Postgres::start();
    let is = |name, value: &str| assert_eq!(setting(&postgres, name), value, "{name}");
    is("listen_addresses", "127.0.0.1");
    is("unix_socket_directories", "");
    is("fsync", "on");
    is("synchronous_commit", "on");
    is("server_encoding", "UTF8");
    is("lc_collate", "C");
    is("timezone", "UTC");
    assert_eq!(ask(&postgres, "SELECT '推送'").unwrap(), "推送\n");
    assert!(setting(&postgres, "server_version_num").parse::<u32>().unwrap() >= 15_00_00);
}

#[test]
fn two_at_once_are_two() {
    let (one, other) = (Postgres::start(), Postgres::start());
    assert_ne!(one.port(), other.port());
    tell(&one, "CREATE TABLE of_one ()");
    let missing = ask(&other, "TABLE of_one").unwrap_err().to_string();
    assert!(missing.contains("relation \"of_one\" does not exist"), "{missing}");
}

#[test]
fn a_stopped_one_refuses_and_comes_back_on_its_port_with_what_was_committed() {
    let mut postgres = Postgres::start();
    let url = postgres.url();
    tell(&postgres, "CREATE TABLE kept (value text); INSERT INTO kept VALUES ('committed')");
    postgres.stop();
    postgres.stop();
    assert_eq!(ask(&postgres, "SELECT 1").unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    postgres.restart();
    assert_eq!(postgres.url(), url);
    assert_eq!(ask(&postgres, "TABLE kept").unwrap(), "committed\n");
    postgres.restart();
    assert_eq!(ask(&postgres, "TABLE kept").unwrap(), "committed\n");
}

#[test]
fn a_stop_cuts_an_open_connection() {
    let mut postgres = Postgres::start();
    let mut stream = connect(&postgres, b"").unwrap();
    stream.read_exact(&mut [0]).unwrap();
    postgres.stop();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // Cut or closed, perhaps after a last message: the stream ends.
    let end = stream.read_to_end(&mut Vec::new());
    assert_ne!(end.map_err(|error| error.kind()), Err(io::ErrorKind::WouldBlock));
}

#[test]
fn root_has_another_user_run_it() {
    let postgres = Postgres::start();
    assert_ne!(process(&postgres).metadata().unwrap().uid(), 0);
}

#[test]
fn root_finds_a_user_where_none_is_named_postgres() {
    let programs = Programs::new();
    programs.add("id", "touch \"$0-$2\"\n[ \"$2\" != postgres ] && exec /usr/bin/id \"$@\"");
    let mut search_path = vec![programs.folder().to_owned()];
    search_path.extend(env::split_paths(&env::var_os("PATH").unwrap()));
    let search_path = env::join_paths(search_path).unwrap();
    let test = run_test("needs_postgres::root_has_another_user_run_it", "PATH", search_path);
    assert!(test.status.success(), "{test:?}");
    let is_root = programs.folder().metadata().unwrap().uid() == 0;
    assert_eq!(programs.path("id-nobody").exists(), is_root);
}

#[test]
fn a_port_that_another_program_was_quicker_to_take_is_no_failure() {
    let programs = Programs::new();
    let real = Postgres::SERVER.find().unwrap().canonicalize().unwrap();
    symlink(real.with_file_name("initdb"), programs.path("initdb")).unwrap();
    let script = format!(
        "case $1 in --version) ;; *) mkdir \"$0.tried\" && echo 'Address already in use' && exit 1 ;; esac\n\
         exec '{}' \"$@\"",
        real.display()
    );
    let server = programs.add("postgres", &script);
    let test = run_test("needs_postgres::it_answers", Postgres::SERVER.variable, server);
    assert!(test.status.success(), "{test:?}");
    assert!(programs.path("postgres.tried").is_dir());
}

#[test]
fn a_restart_never_takes_another_program_for_its_own() {
    let mut postgres = Postgres::start();
    postgres.stop();
    let other = TcpListener::bind(("127.0.0.1", postgres.port())).unwrap();
    let restarted = catch_unwind(AssertUnwindSafe(|| postgres.restart()));
    drop(other);
    let words = format!("port {} of 127.0.0.1 is taken by another program", postgres.port());
    assert_eq!(restarted.unwrap_err().downcast_ref(), Some(&words));
}

#[test]
fn a_dropped_one_leaves_no_process_and_no_folder() {
    let postgres = Postgres::start();
    let (folder, process) = (data(&postgres), process(&postgres));
    assert!(folder.is_dir() && process.is_dir());
    drop(postgres);
    assert!(!folder.parent().unwrap().exists());
    assert!(!process.exists());
}

#[test]
fn what_initdb_says_is_shown_where_it_fails() {
    let programs = Programs::new();
    let server = programs.add("postgres", "echo 'postgres (PostgreSQL) 15.0'");
    programs.add("initdb", "echo 'no space left'\nexit 1");
    let words = words_of_a_failing_test("needs_postgres::it_answers", Postgres::SERVER.variable, server);
    assert!(words.contains("initdb failed (exit status: 1); it wrote:\nno space left\n"), "{words}");
}
