//! The lock of a SQLite file's server: two servers would each believe to be the only writer.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::address::{Address, real_path};
use super::{Database, OpenError, regular_file};

/// The lock of a SQLite file's server, until it is dropped or its process ends. PostgreSQL needs none.
#[derive(Debug)]
#[must_use = "it ends when it is dropped"]
pub struct ServerLock(#[expect(dead_code, reason = "held, not read")] Option<File>);

impl ServerLock {
    /// Takes the lock: a file beside the database, which ends in `.lock` and stays when nobody holds it.
    ///
    /// # Errors
    /// [`OpenError::Served`] names the holder; [`OpenError::NotAFile`], [`OpenError::HardLinked`]; or an I/O error.
    pub fn take(database: &Database) -> Result<Self, OpenError> {
        let Address::Sqlite(path) = &database.address else { return Ok(Self(None)) };
        let fault = |source| OpenError::at(path, source);
        let lock = lock_file(path).map_err(fault)?;
        regular_file::check(path)?;
        regular_file::check_unlinked(&lock)?;
        let mut file = regular_file::open_beside(path, &lock).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Served { path: path.clone(), by: holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(fault(error)),
        }
        note_holder(&mut file).map_err(fault)?;
        Ok(Self(Some(file)))
    }
}

impl Database {
    /// Returns the server that holds the lock, such as `process 4711`; `None` where there is none, and for PostgreSQL,
    /// where that can't be told. Makes no file.
    ///
    /// # Errors
    /// When the lock's file exists and can't be examined.
    pub fn served_by(&self) -> Result<Option<String>, OpenError> {
        let Address::Sqlite(path) = &self.address else { return Ok(None) };
        let fault = |source| OpenError::at(path, source);
        let Ok(lock) = lock_file(path) else { return Ok(None) };
        regular_file::check_unlinked(&lock)?;
        let mut file = match File::open(lock) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fault(error)),
        };
        // A shared lock, released at once: several lookers don't block each other.
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(holder(&mut file))),
            Err(TryLockError::Error(error)) => Err(fault(error)),
        }
    }
}

/// The lock's path: beside the database itself, not beside a link to it.
fn lock_file(path: &Path) -> io::Result<PathBuf> {
    let mut name = real_path(path)?.into_os_string();
    name.push(".lock");
    Ok(name.into())
}

/// The holder of the lock, as it noted itself.
fn holder(file: &mut File) -> String {
    let mut noted = String::new();
    let is_read = file.take(20).read_to_string(&mut noted).is_ok();
    let process = Some(noted.trim()).filter(|noted| is_read && !noted.is_empty());
    process.map_or_else(|| "another process".to_owned(), |process| format!("process {process}"))
}

fn note_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}
