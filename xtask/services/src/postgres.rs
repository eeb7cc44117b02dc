//! A PostgreSQL for one test: `initdb` and `postgres` in a temporary folder, on a free port of 127.0.0.1.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Program;
use crate::account::Account;
use crate::program::Versions;
use crate::server::{Failure, Kind, Server};

/// The superuser, and the database that every cluster has.
const USER: &str = "postgres";
const DATABASE: &str = "postgres";

/// Settings for 127.0.0.1 alone, little memory, and each commit on the disk before it is acknowledged.
const SETTINGS: [&str; 5] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=32MB",
    "fsync=on",
    "synchronous_commit=on",
];

/// A running PostgreSQL.
///
/// Commits survive a crash. It asks for no password, and listens on this machine alone.
pub type Postgres = Server<Cluster>;

/// The user as whom it runs, if not this process's.
#[derive(Debug, Default)]
pub struct Cluster {
    account: Option<Account>,
}

impl Postgres {
    /// The program, and its package. Its `initdb` is taken from the same folder.
    pub const SERVER: Program = Program {
        name: "postgres",
        variable: "WEIFEN_POSTGRES",
        debian_package: "postgresql",
        versions: Some(Versions { folder: "/usr/lib/postgresql", oldest: 15 }),
    };

    /// Starts a server with an empty database: in UTF-8, sorted by bytes, its time zone UTC.
    ///
    /// PostgreSQL refuses to run as root, who therefore runs it as the user `postgres`, or else `nobody`.
    ///
    /// # Panics
    ///
    /// There is no `postgres`, or it doesn't start.
    #[track_caller]
    pub fn start() -> Self {
        Self::start_as(Cluster::default())
    }

    /// Returns its URL, `postgres://USER@127.0.0.1:PORT/DATABASE`: the same before and after a restart.
    pub fn url(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{DATABASE}", self.port())
    }
}

impl Kind for Cluster {
    const PROGRAM: Program = Postgres::SERVER;

    fn prepare(&mut self, program: &Path, folder: &Path) -> Result<(), Failure> {
        self.account = Account::instead_of_root(&["postgres", "nobody"]);
        if let Some(account) = self.account {
            account.take(folder)?;
        }
        let initdb = initdb(program)?;
        let mut command = self.run(&initdb, folder);
        command.args(["--username", USER, "--auth=trust", "--encoding=UTF8", "--no-locale"]);
        // It need not survive a crash of the machine before the server's first run.
        command.args(["--no-sync", "--no-instructions"]).current_dir(folder);
        let start = format!("start {} in {}", initdb.display(), folder.display());
        let output = command.output().map_err(Failure::to(start))?;
        if !output.status.success() {
            let words = [output.stdout, output.stderr].concat();
            return Err(Failure::NotPrepared("initdb", output.status, String::from_utf8_lossy(&words).into_owned()));
        }
        Ok(())
    }

    fn command(&self, program: &Path, folder: &Path, port: u16) -> Result<Command, Failure> {
        let mut command = self.run(program, folder);
        command.arg("-p").arg(port.to_string());
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        Ok(command)
    }

    /// Reads its lock file, which it writes once it has the port and has recovered its data.
    fn is_ready(&self, folder: &Path, port: u16, pid: u32) -> bool {
        let lock = fs::read_to_string(data(folder).join("postmaster.pid")).unwrap_or_default();
        let lines: Vec<&str> = lock.lines().map(str::trim).collect();
        let line = |number: usize| lines.get(number - 1).copied();
        line(1) == Some(&pid.to_string()) && line(4) == Some(&port.to_string()) && line(8) == Some("ready")
    }

    /// Requests the immediate shutdown, which finishes and writes nothing. Unlike after SIGKILL, no other process or
    /// shared memory of it survives.
    fn end(process: &mut std::process::Child) -> std::io::Result<()> {
        crate::signal::send(process.id(), crate::signal::Signal::QUIT)
    }
}

impl Cluster {
    /// Returns the command for one of PostgreSQL's programs, on the cluster in this folder.
    fn run(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        // Its messages are read here. Without TZ, `initdb` compares every time zone.
        command.arg("-D").arg(data(folder)).env("LC_ALL", "C").env("TZ", "UTC");
        if let Some(account) = self.account {
            account.run(&mut command);
        }
        command
    }
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// Finds the `initdb` of this `postgres`, which may be a link into the folder of both.
fn initdb(program: &Path) -> Result<PathBuf, Failure> {
    let program = program.canonicalize().map_err(Failure::to(format!("find {}", program.display())))?;
    Ok(program.with_file_name("initdb"))
}
