//! The address of an inbox's database.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use secrecy::SecretString;
use url::{Host, Url};

/// A database, by its address. It is displayed without user and password.
#[derive(Debug, Clone)]
#[must_use]
pub struct Database {
    pub(super) address: Address,
    pub(super) may_be_made: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Address {
    Sqlite(PathBuf),
    Postgres(SecretString, String),
}

impl Database {
    /// A SQLite file of this machine, made where there is none.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self { address: Address::Sqlite(path.into()), may_be_made: true }
    }

    /// A PostgreSQL database, `postgres://USER:PASSWORD@HOST/DATABASE`, with the parameters of libpq such as
    /// `sslmode`.
    pub fn postgres(url: impl Into<String>) -> Self {
        let url = url.into();
        let Ok(parsed) = Url::parse(&url) else {
            return Self { address: Address::Postgres(url.into(), "postgres".to_owned()), may_be_made: true };
        };
        let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
        let shown = format!("postgres://{}{port}", parsed.host_str().unwrap_or_default());
        let url = with_host_as_option(parsed).unwrap_or(url);
        Self { address: Address::Postgres(url.into(), shown), may_be_made: true }
    }

    /// Requires that the database exists: a mistyped path is then an error, not a new, empty database.
    pub fn existing(mut self) -> Self {
        self.may_be_made = false;
        self
    }
}

/// The path of a file with all links resolved, whether the file exists or not.
pub(crate) fn real_path(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let path = std::path::absolute(path)?;
            let folder = fs::canonicalize(path.parent().unwrap_or(Path::new("/")))?;
            Ok(path.file_name().map_or(folder.clone(), |name| folder.join(name)))
        }
        real => real,
    }
}

/// Returns the URL with an IPv6 host as the option `host`: sqlx would look up its brackets as part of a name.
fn with_host_as_option(mut url: Url) -> Option<String> {
    let Some(Host::Ipv6(host)) = url.host() else { return None };
    let is_named = url.query_pairs().any(|(key, _)| matches!(&*key, "host" | "hostaddr"));
    (!is_named).then(|| url.query_pairs_mut().append_pair("host", &host.to_string()).finish().to_string())
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Address::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Address::Postgres(_, shown) => f.write_str(shown),
        }
    }
}
