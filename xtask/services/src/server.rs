//! The process of any server: started on a free port of 127.0.0.1, waited for, and ended as by a crash.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use tempfile::TempDir;
use thiserror::Error;

use crate::{Missing, Program};

/// Timeout for a server's first answer. A busy machine is slow, above all after a crash under load.
const PATIENCE: Duration = Duration::from_secs(120);
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(20);
/// Number of attempts to start on another port, or on the same one, while other programs hold it.
const PORTS: usize = 10;
const BETWEEN_PORTS: Duration = Duration::from_millis(100);

/// The parts that differ between kinds of servers.
pub trait Kind {
    /// The program that is run.
    const PROGRAM: Program;

    /// Prepares the server's folder, once, before its first run.
    fn prepare(&mut self, _program: &Path, _folder: &Path) -> Result<(), Failure> {
        Ok(())
    }

    /// Returns the command that runs the server in its folder, on this port of 127.0.0.1.
    fn command(&self, program: &Path, folder: &Path, port: u16) -> Result<Command, Failure>;

    /// Returns true where the server on `port` is the process `pid`, not another one, and accepts commands.
    fn is_ready(&self, folder: &Path, port: u16, pid: u32) -> bool;

    /// Ends the process at once.
    fn end(process: &mut Child) -> io::Result<()> {
        process.kill()
    }
}

/// A running server for one owner. Dropping it ends the server and removes its folder, so keep it out of a `static`.
pub struct Server<K: Kind> {
    kind: K,
    program: PathBuf,
    folder: TempDir,
    port: u16,
    process: Option<Child>,
    /// Holds its port while it is stopped.
    kept: Option<Socket>,
}

/// Reason for which a server doesn't run. Each message names the remedy, or has the server's own output.
#[derive(Debug, Error)]
pub enum Failure {
    /// The program is missing or too old: install it.
    #[error(
        "{0}\n`cargo xtask test` finds or installs it; `cargo xtask test --no-services` leaves out the tests that need it"
    )]
    Missing(#[from] Missing),
    /// The system refused an action, which the text names.
    #[error("cannot {0}: {1}")]
    Io(String, io::Error),
    /// The program that prepares the folder failed; the text has its output.
    #[error("{0} failed ({1}); it wrote:\n{2}")]
    NotPrepared(&'static str, ExitStatus, String),
    /// Another program holds the port, also after all retries.
    #[error("port {0} of 127.0.0.1 is taken by another program")]
    PortTaken(u16),
    /// The server ended before it answered; the text has its output.
    #[error("{0} ended ({1}) before it answered; it wrote:\n{2}")]
    Ended(&'static str, ExitStatus, String),
    /// The server did not answer in time, and was ended; the text has its output.
    #[error("{0} did not answer within {patience} s; it wrote:\n{1}", patience = PATIENCE.as_secs())]
    Silent(&'static str, String),
}

impl Failure {
    /// Makes an error of the action that failed, such as `write a file`.
    pub(crate) fn to(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        |error| Self::Io(what, error)
    }
}

impl<K: Kind> Server<K> {
    const NAME: &'static str = K::PROGRAM.name;

    /// Starts a server in a temporary folder, on a free port.
    #[track_caller]
    pub(crate) fn start_as(kind: K) -> Self {
        match Self::launch(kind) {
            Ok(server) => server,
            Err(failure) => panic!("{failure}"),
        }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it at once, as by a crash: connections are cut and new ones refused, until [`restart`](Self::restart). Its
    /// port stays reserved.
    pub fn stop(&mut self) {
        self.end();
        // Where another program took the port, the restart reports it.
        self.kept = keep(self.port).ok();
    }

    fn end(&mut self) {
        if let Some(mut process) = self.process.take() {
            // After a wait, another process may have its number.
            if matches!(process.try_wait(), Ok(None)) {
                // Both fail only for a server that has ended by itself.
                let _ = K::end(&mut process);
                let _ = process.wait();
            }
        }
    }

    /// Stops it if it runs, and starts it again on the same port, with its files.
    ///
    /// # Panics
    ///
    /// It doesn't start again, or another program holds its port.
    #[track_caller]
    pub fn restart(&mut self) {
        self.end();
        self.kept = None;
        let port = self.port;
        if let Err(failure) = self.run(|| Ok(port)) {
            panic!("{failure}");
        }
    }

    fn launch(mut kind: K) -> Result<Self, Failure> {
        let program = K::PROGRAM.find()?;
        let folder = TempDir::new().map_err(Failure::to("make a temporary folder"))?;
        kind.prepare(&program, folder.path())?;
        let mut server = Self { kind, program, folder, port: 0, process: None, kept: None };
        server.run(free_port)?;
        Ok(server)
    }

    /// Runs the server on a port of `ports`, with retries: another program can take a port before its use.
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
        let log = File::create(self.log_file()).map_err(Failure::to("write a log"))?;
        let errors = log.try_clone().map_err(Failure::to("write a log"))?;
        let mut command = self.kind.command(&self.program, self.folder.path(), self.port)?;
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(log).stderr(errors);
        let process = command.spawn().map_err(Failure::to(format!("start {}", Self::NAME)))?;
        self.process = Some(process);
        let ready = self.wait();
        if ready.is_err() {
            self.end();
        }
        ready
    }

    /// Waits until the server answers, has ended or is given up.
    fn wait(&mut self) -> Result<(), Failure> {
        let start = Instant::now();
        while let Some(process) = &mut self.process {
            if let Some(status) = process.try_wait().map_err(Failure::to(format!("wait for {}", Self::NAME)))? {
                return Err(self.ended(status));
            }
            if self.kind.is_ready(self.folder.path(), self.port, process.id()) {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                break;
            }
            thread::sleep(BETWEEN_QUESTIONS);
        }
        Err(Failure::Silent(Self::NAME, self.log()))
    }

    fn ended(&self, status: ExitStatus) -> Failure {
        let log = self.log();
        if log.contains("Address already in use") {
            return Failure::PortTaken(self.port);
        }
        Failure::Ended(Self::NAME, status, log)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_else(|error| format!("(its log: {error})"))
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl<K: Kind> Drop for Server<K> {
    fn drop(&mut self) {
        self.end();
    }
}

impl<K: Kind> fmt::Debug for Server<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(Self::NAME)
            .field("port", &self.port)
            .field("folder", &self.folder.path())
            .finish_non_exhaustive()
    }
}

/// Reserves a port without listening on it.
fn keep(port: u16) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    Ok(socket)
}

fn free_port() -> Result<u16, Failure> {
    let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr();
    Ok(free().map_err(Failure::to("find a free port"))?.port())
}
