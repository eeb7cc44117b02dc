//! A Redis of a test's own: `redis-server` on a free port of 127.0.0.1, in a temporary folder.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use thiserror::Error;

use crate::{Missing, Program};

/// How long a server may take until it answers; a busy machine is slow, and one that never answers is broken.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it is listened to before it is asked anew: on its port may be another program that never answers.
const ANSWER: Duration = Duration::from_millis(200);
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(20);
/// How often another port is tried, or the same one, when other programs have taken it.
const PORTS: usize = 10;
const BETWEEN_PORTS: Duration = Duration::from_millis(100);

/// A running Redis, alone to its owner. Dropping it ends the server and removes its folder, so keep it out of a `static`.
pub struct Redis {
    program: PathBuf,
    settings: Settings,
    folder: TempDir,
    port: u16,
    server: Option<Child>,
}

#[derive(Default)]
struct Settings {
    durable: bool,
    password: Option<String>,
}

#[derive(Debug, Error)]
enum Failure {
    #[error(
        "{0}\n`cargo xtask test` finds or installs it; `cargo xtask test --no-services` leaves out the tests that need it"
    )]
    Missing(#[from] Missing),
    #[error("cannot {0}: {1}")]
    Io(&'static str, io::Error),
    #[error("port {0} of 127.0.0.1 is taken by another program")]
    PortTaken(u16),
    #[error("redis-server ended ({0}) before it answered; it wrote:\n{1}")]
    Ended(ExitStatus, String),
    #[error("redis-server did not answer within {patience} s; it wrote:\n{0}", patience = PATIENCE.as_secs())]
    Silent(String),
}

impl Redis {
    /// The program that is run, and how one comes by it.
    pub const SERVER: Program = Program {
        name: "redis-server",
        variable: "WEIFEN_REDIS_SERVER",
        debian_package: "redis-server",
        homebrew_formula: "redis",
    };

    /// Starts a server that keeps nothing: it comes back empty from a [`restart`](Self::restart).
    ///
    /// # Panics
    ///
    /// There is no `redis-server`, or it doesn't start. So do all that start one.
    #[track_caller]
    pub fn start() -> Self {
        Self::with(Settings::default())
    }

    /// Starts a server that has each write on the disk before it answers it, and still has it after a restart.
    #[track_caller]
    pub fn start_durable() -> Self {
        Self::with(Settings { durable: true, ..Settings::default() })
    }

    /// Starts a server that wants this password before anything else.
    #[track_caller]
    pub fn with_password(password: &str) -> Self {
        Self::with(Settings { password: Some(password.to_owned()), ..Settings::default() })
    }

    /// Where it is reached, as `redis://127.0.0.1:PORT`: the same before and after a restart, and never with the password.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Takes it away at once, as a crash would: connections are cut, new ones refused, until [`restart`](Self::restart).
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // Both fail only for a server that has ended by itself.
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Stops it if it runs, and brings it back on the same port.
    ///
    /// # Panics
    ///
    /// It doesn't start again, or another program keeps its port.
    #[track_caller]
    pub fn restart(&mut self) {
        self.stop();
        let port = self.port;
        if let Err(failure) = self.run(|| Ok(port)) {
            panic!("{failure}");
        }
    }

    #[track_caller]
    fn with(settings: Settings) -> Self {
        match Self::launch(settings) {
            Ok(redis) => redis,
            Err(failure) => panic!("{failure}"),
        }
    }

    fn launch(settings: Settings) -> Result<Self, Failure> {
        let program = Self::SERVER.find()?;
        let folder = TempDir::new().map_err(|error| Failure::Io("make a temporary folder", error))?;
        let mut redis = Self { program, settings, folder, port: 0, server: None };
        redis.run(free_port)?;
        Ok(redis)
    }

    /// Runs the server on a port of `ports`. Between its choice and its use another program can take a port.
    fn run(&mut self, ports: impl Fn() -> Result<u16, Failure>) -> Result<(), Failure> {
        for _ in 1..PORTS {
            self.port = ports()?;
            match self.run_once() {
                Err(Failure::PortTaken(_)) => thread::sleep(BETWEEN_PORTS),
                done => return done,
            }
        }
        self.run_once()
    }

    fn run_once(&mut self) -> Result<(), Failure> {
        let configuration = self.path("redis.conf");
        fs::write(&configuration, self.settings.configuration(self.port))
            .map_err(|error| Failure::Io("write redis.conf", error))?;
        let log = File::create(self.path("redis.log")).map_err(|error| Failure::Io("write redis.log", error))?;
        let errors = log.try_clone().map_err(|error| Failure::Io("write redis.log", error))?;
        let server = Command::new(&self.program)
            .arg(configuration)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|error| Failure::Io("start redis-server", error))?;
        self.server = Some(server);
        let ready = self.wait();
        if ready.is_err() {
            self.stop();
        }
        ready
    }

    /// Waits until the server answers, or has ended.
    fn wait(&mut self) -> Result<(), Failure> {
        let start = Instant::now();
        while let Some(server) = &mut self.server {
            if let Some(status) = server.try_wait().map_err(|error| Failure::Io("wait for redis-server", error))? {
                return Err(self.ended(status));
            }
            // Until it listens, the connection is refused.
            if answers(self.port, server.id(), self.settings.password.as_deref()).unwrap_or(false) {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                break;
            }
            thread::sleep(BETWEEN_QUESTIONS);
        }
        Err(Failure::Silent(self.log()))
    }

    fn ended(&self, status: ExitStatus) -> Failure {
        let log = self.log();
        if log.contains("Address already in use") {
            return Failure::PortTaken(self.port);
        }
        Failure::Ended(status, log)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("redis.log")).unwrap_or_else(|error| format!("(redis.log: {error})"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder: &Path = self.folder.path();
        f.debug_struct("Redis").field("port", &self.port).field("folder", &folder).finish_non_exhaustive()
    }
}

impl Settings {
    /// The whole of redis.conf. The password stands there, in a folder that is its owner's alone, and in no list of processes.
    fn configuration(&self, port: u16) -> String {
        let durable = if self.durable { "yes" } else { "no" };
        let mut lines = format!(
            "bind 127.0.0.1\nport {port}\nprotected-mode yes\ndaemonize no\nsave \"\"\nappendonly {durable}\n\
             appendfsync always\n"
        );
        if let Some(password) = &self.password {
            let password = password.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            lines.extend(["requirepass \"", &password, "\"\n"]);
        }
        lines
    }
}

fn free_port() -> Result<u16, Failure> {
    let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr();
    Ok(free().map_err(|error| Failure::Io("find a free port", error))?.port())
}

/// Whether the Redis on `port` is the process `pid`, and not another that was quicker, and takes commands.
fn answers(port: u16, pid: u32, password: Option<&str>) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    let mut questions = String::new();
    if let Some(password) = password {
        questions.push_str(&command(&["AUTH", password]));
    }
    for question in [&["INFO", "server"][..], &["PING"], &["QUIT"]] {
        questions.push_str(&command(question));
    }
    stream.write_all(questions.as_bytes())?;
    let mut replies = String::new();
    stream.read_to_string(&mut replies)?;
    Ok(replies.contains(&format!("\r\nprocess_id:{pid}\r\n")) && replies.contains("\r\n+PONG\r\n"))
}

/// A command as Redis reads it: how many words, and each with its length.
fn command(words: &[&str]) -> String {
    let words = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
    format!("*{}\r\n{}", words.len(), words.collect::<String>())
}
