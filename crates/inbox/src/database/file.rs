//! The file of a SQLite database: that it is private, on a local disk, and still the one that was opened.

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::{AnyConnection, Connection, Executor};

use super::{OpenError, regular_file};

/// What a path may not hold literally in SQLite's URL.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

/// A SQLite file, with the two files that SQLite keeps beside it.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    log: PathBuf,
    index: PathBuf,
    known: Mutex<Option<Known>>,
}

/// Which database it is, and as which file that was seen.
#[derive(Debug, Clone)]
struct Known {
    origin: String,
    main: Node,
}

/// Which files stood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) main: Node,
    log: Option<Node>,
    index: Option<Node>,
}

impl Opened {
    pub(super) fn has_log(self) -> bool {
        self.log.is_some()
    }
}

/// Device and number of a file: two files of one name differ in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node(u64, u64);

/// The file is not the one that was opened: what is written now goes nowhere.
#[derive(Debug, thiserror::Error)]
#[error("the file was moved, removed or replaced while it was in use; put it back")]
pub(crate) struct Gone;

/// When and how quickly its tables were made: two databases differ in it, a database and its copy don't.
///
/// For a moment after its tables were made, that they were is known and how quickly is not.
const ORIGIN: &str = "SELECT installed_on || ' ' || execution_time AS origin FROM _sqlx_migrations \
                     WHERE execution_time >= 0 ORDER BY version LIMIT 1";

impl From<Gone> for sqlx::Error {
    fn from(gone: Gone) -> Self {
        Self::Io(io::Error::other(gone))
    }
}

impl File {
    /// Makes the file where there is none and that is wanted, for its owner's eyes alone.
    pub(super) fn prepare(path: &Path, may_be_made: bool) -> Result<Self, OpenError> {
        let path = &std::path::absolute(path).map_err(|source| OpenError::File { path: path.to_owned(), source })?;
        let fault = |source| OpenError::at(path, source);
        let not_text = || OpenError::PathNotUtf8(path.clone());
        path.to_str().ok_or_else(not_text)?;
        if !path.try_exists().map_err(fault)? {
            if !may_be_made {
                return Err(OpenError::NoSuchFile(path.clone()));
            }
            refuse_network(path.parent().unwrap_or(path), path)?;
            make_private(path).map_err(fault)?;
        }
        refuse_network(path, path)?;
        // SQLite keeps its log beside the file itself, not beside a link to it.
        let real = fs::canonicalize(path).map_err(fault)?;
        let text = real.to_str().ok_or_else(not_text)?;
        let beside = |suffix: &str| PathBuf::from(format!("{text}{suffix}"));
        let (log, index) = (beside("-wal"), beside("-shm"));
        for file in [&real, &log, &index, &beside("-journal")] {
            regular_file::check(file)?;
        }
        Ok(Self { log, index, path: real, known: Mutex::default() })
    }

    /// The address under which SQLite opens it. It never makes it: a database that vanished is no empty one.
    pub(super) fn url(&self) -> String {
        self.url_with("mode=rw")
    }

    fn url_with(&self, parameters: &str) -> String {
        format!("sqlite://{}?{parameters}", utf8_percent_encode(&self.path.to_string_lossy(), RESERVED))
    }

    /// Which files stand there now.
    pub(super) fn look(&self) -> Result<Opened, Gone> {
        Ok(Opened { main: node(&self.path).ok_or(Gone)?, log: node(&self.log), index: node(&self.index) })
    }

    /// The file, if it may be opened.
    ///
    /// One that took the first one's place has to be the same database, such as its copy. Another one does not know what was
    /// paid, and SQLite would write the log that stands there into it. And a file that can't be written SQLite would open
    /// to read only, and make a log that nobody could write later either.
    pub(super) async fn admit(&self) -> Result<Node, sqlx::Error> {
        let main = self.look()?.main;
        #[cfg(unix)]
        rustix::fs::access(&self.path, rustix::fs::Access::WRITE_OK).map_err(io::Error::from)?;
        let known = self.known().clone();
        if let Some(known) = known.filter(|known| known.main != main) {
            if self.origin_without_log().await.ok().flatten().as_ref() != Some(&known.origin) {
                return Err(Gone.into());
            }
            *self.known() = Some(Known { main, ..known });
        }
        Ok(main)
    }

    /// Remembers which database it is, once its tables are there.
    ///
    /// They may be in the log alone, where another connection was open while they were made. The file is to say by itself
    /// which database it is: a copy of it is known by that when it comes back.
    pub(super) async fn remember(&self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let main = self.look()?.main;
        let origin = origin(connection).await?;
        if self.origin_without_log().await.ok().flatten() != origin {
            connection.execute("PRAGMA wal_checkpoint(FULL)").await?;
        }
        *self.known() = origin.map(|origin| Known { origin, main });
        Ok(())
    }

    /// Which database the file is by itself. Nothing else is opened, and nothing locked or written.
    async fn origin_without_log(&self) -> Result<Option<String>, sqlx::Error> {
        let mut connection = AnyConnection::connect(&self.url_with("mode=ro&immutable=true")).await?;
        let origin = origin(&mut connection).await;
        connection.close().await?;
        origin
    }

    /// The address under which it can be looked into while nothing on the disk is made, changed or locked for others.
    ///
    /// Beside a server, or what one left that crashed, its log is read through the log's index, which is not written
    /// then; else the file is read by itself.
    pub(super) fn url_to_look(&self) -> String {
        let has_log = fs::metadata(&self.log).is_ok_and(|log| log.len() > 0) && self.index.exists();
        if !has_log {
            return self.url_with("mode=ro&immutable=true");
        }
        // sqlx knows no such parameter, so that SQLite is told by a URI in the place of the name.
        let path = utf8_percent_encode(&self.path.to_string_lossy(), RESERVED).to_string();
        let uri = format!("file:{path}?readonly_shm=1");
        format!("sqlite:{}?mode=ro", utf8_percent_encode(&uri, NON_ALPHANUMERIC))
    }

    /// How changes are kept until they are in the file, as its head says: `wal`, or `rollback` for all other ways.
    pub(super) fn journal_mode(&self) -> io::Result<&'static str> {
        const VERSIONS: std::ops::Range<usize> = 18..20;
        let mut head = [0; VERSIONS.end];
        match fs::File::open(&self.path)?.read_exact(&mut head) {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            _ => {}
        }
        Ok(if head[VERSIONS] == [2, 2] { "wal" } else { "rollback" })
    }

    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the log was taken away from under a file that stayed.
    pub(super) fn has_lost_log_of(&self, opened: Opened) -> bool {
        self.look().is_ok_and(|now| now.main == opened.main && now.log != opened.log)
    }
}

async fn origin(connection: &mut AnyConnection) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(ORIGIN).fetch_optional(connection).await
}

#[cfg(unix)]
fn node(path: &Path) -> Option<Node> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path).ok()?;
    Some(Node(metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn node(path: &Path) -> Option<Node> {
    fs::metadata(path).ok().map(|_| Node(0, 0))
}

fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // Another process was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

fn refuse_network(place: &Path, file: &Path) -> Result<(), OpenError> {
    match network_file_system(place) {
        Ok(None) => Ok(()),
        Ok(Some(kind)) => Err(OpenError::NetworkFileSystem { path: file.to_owned(), kind }),
        Err(source) => Err(OpenError::at(file, source)),
    }
}

/// The file systems on which SQLite's locks and shared memory don't hold.
#[cfg(target_os = "linux")]
fn network_file_system(place: &Path) -> io::Result<Option<&'static str>> {
    const NETWORKED: [(u64, &str); 10] = [
        (0x6969, "NFS"),
        (0x517b, "SMB"),
        (0xfe53_4d42, "SMB"),
        (0xff53_4d42, "CIFS"),
        (0x7461_636f, "OCFS2"),
        (0x0116_1970, "GFS2"),
        (0x00c3_6400, "Ceph"),
        (0x0bd0_0bd0, "Lustre"),
        (0x5346_414f, "AFS"),
        (0x0102_1997, "9P"),
    ];
    let magic = u64::try_from(rustix::fs::statfs(place)?.f_type).unwrap_or_default();
    Ok(NETWORKED.iter().find(|(known, _)| *known == magic).map(|(_, name)| *name))
}

#[cfg(not(target_os = "linux"))]
fn network_file_system(_: &Path) -> io::Result<Option<&'static str>> {
    Ok(None)
}
