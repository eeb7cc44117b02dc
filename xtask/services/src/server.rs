//! A server's process, whichever server it is: run on a free port of 127.0.0.1, waited for, and taken away as a crash would.

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

/// How long a server may take until it answers; a busy machine is slow, the more so after a crash under load, and one that never answers
/// is broken.
const PATIENCE: Duration = Duration::from_secs(120);
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(20);
/// How often another port is tried, or the same one, when other programs have taken it.
const PORTS: usize = 10;
const BETWEEN_PORTS: Duration = Duration::from_millis(100);

/// What one kind of server has of its own.
pub trait Kind {
    /// The program that is run.
    const PROGRAM: Program;

    /// Makes what the server keeps in its folder, once, before it is run.
    fn prepare(&mut self, _program: &Path, _folder: &Path) -> Result<(), Failure> {
        Ok(())
    }

    /// How the server is run in its folder, on this port of 127.0.0.1.
    fn command(&self, program: &Path, folder: &Path, port: u16) -> Result<Command, Failure>;

    /// Whether the server on `port` is the process `pid`, and not another that was quicker, and takes commands.
    fn is_ready(&self, folder: &Path, port: u16, pid: u32) -> bool;

    /// Has the process end at once.
    fn end(process: &mut Child) -> io::Result<()> {
        process.kill()
    }
}

/// A running server, alone to its owner. Dropping it ends the server and removes its folder, so keep it out of a `static`.
pub struct Server<K: Kind> {
    kind: K,
    program: PathBuf,
    folder: TempDir,
    port: u16,
    process: Option<Child>,
    /// Its port while it is away.
    kept: Option<Socket>,
}

/// Why a server doesn't run.
#[derive(Debug, Error)]
pub enum Failure {
    #[error(
        "{0}\n`cargo xtask test` finds or installs it; `cargo xtask test --no-services` leaves out the tests that need it"
    )]
    Missing(#[from] Missing),
    #[error("cannot {0}: {1}")]
    Io(String, io::Error),
    #[error("{0} failed ({1}); it wrote:\n{2}")]
    NotPrepared(&'static str, ExitStatus, String),
    #[error("port {0} of 127.0.0.1 is taken by another program")]
    PortTaken(u16),
    #[error("{0} ended ({1}) before it answered; it wrote:\n{2}")]
    Ended(&'static str, ExitStatus, String),
    #[error("{0} did not answer within {patience} s; it wrote:\n{1}", patience = PATIENCE.as_secs())]
    Silent(&'static str, String),
}

impl Failure {
    /// Takes an error for what could not be done, such as `write a file`.
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

    /// Takes it away at once, as a crash would: connections are cut, new ones refused, until [`restart`](Self::restart). Its
    /// port is kept from whoever asks for any.
    pub fn stop(&mut self) {
        self.end();
        // Where somebody was quicker, its restart says so.
        self.kept = keep(self.port).ok();
    }

    fn end(&mut self) {
        if let Some(mut process) = self.process.take() {
            // The number of one that was waited for may be another process's by now.
            if matches!(process.try_wait(), Ok(None)) {
                // Both fail only for a server that has ended by itself.
                let _ = K::end(&mut process);
                let _ = process.wait();
            }
        }
    }

    /// Stops it if it runs, and brings it back on the same port, with what is on the disk.
    ///
    /// # Panics
    ///
    /// It doesn't start again, or another program keeps its port.
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

    /// Waits until the server answers, or has ended.
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

/// Takes a port that nobody listens on.
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
