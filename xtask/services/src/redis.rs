//! A Redis for one test: `redis-server` on a free port of 127.0.0.1, in a temporary folder.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::Program;
use crate::server::{Failure, Kind, Server};

/// Timeout of one question: another program that never answers may have the port.
const ANSWER: Duration = Duration::from_millis(200);

/// A running Redis.
pub type Redis = Server<RedisOptions>;

/// Settings of a Redis.
#[derive(Default)]
#[expect(missing_debug_implementations, reason = "it holds a password")]
pub struct RedisOptions {
    durable: bool,
    password: Option<String>,
}

impl Redis {
    /// The program, and its package.
    pub const SERVER: Program = Program {
        name: "redis-server",
        variable: "WEIFEN_REDIS_SERVER",
        debian_package: "redis-server",
        versions: None,
    };

    /// Starts a server that stores nothing: it is empty after a [`restart`](Self::restart).
    ///
    /// # Panics
    ///
    /// There is no `redis-server`, or it doesn't start. The same holds for the other starts.
    #[track_caller]
    pub fn start() -> Self {
        Self::start_as(RedisOptions::default())
    }

    /// Starts a server that syncs each write to the disk before its answer, and has it after a restart.
    #[track_caller]
    pub fn start_durable() -> Self {
        Self::start_as(RedisOptions { durable: true, ..RedisOptions::default() })
    }

    /// Starts a server that requires this password.
    #[track_caller]
    pub fn with_password(password: &str) -> Self {
        Self::start_as(RedisOptions { password: Some(password.to_owned()), ..RedisOptions::default() })
    }

    /// Returns its URL, `redis://127.0.0.1:PORT`, without the password: the same before and after a restart.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }
}

impl Kind for RedisOptions {
    const PROGRAM: Program = Redis::SERVER;

    fn command(&self, program: &Path, folder: &Path, port: u16) -> Result<Command, Failure> {
        let configuration = folder.join("redis.conf");
        fs::write(&configuration, self.configuration(port)).map_err(Failure::to("write redis.conf"))?;
        let mut command = Command::new(program);
        command.arg(configuration);
        Ok(command)
    }

    fn is_ready(&self, _folder: &Path, port: u16, pid: u32) -> bool {
        // Until it listens, the connection is refused.
        answers(port, pid, self.password.as_deref()).unwrap_or(false)
    }
}

impl RedisOptions {
    /// Returns the whole redis.conf. It holds the password, which so is in no process list; its folder is its owner's.
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

/// Returns true where the Redis on `port` is the process `pid` and accepts commands.
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

/// Encodes a command for Redis: the number of words, and each word with its length.
fn command(words: &[&str]) -> String {
    let words = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
    format!("*{}\r\n{}", words.len(), words.collect::<String>())
}
