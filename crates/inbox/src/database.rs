//! Where an inbox is kept.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

/// The database of an inbox. It prints without user and password.
#[derive(Debug, Clone)]
#[must_use]
pub struct Database {
    pub(crate) place: Place,
    pub(crate) may_be_made: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(SecretString, String),
}

impl Database {
    /// A file of this machine, made where there is none.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self { place: Place::Sqlite(path.into()), may_be_made: true }
    }

    /// A PostgreSQL database, `postgres://USER:PASSWORD@HOST/DATABASE`, with the parameters of libpq such as `sslmode`.
    pub fn postgres(url: impl Into<String>) -> Self {
        let url = url.into();
        let shown = Url::parse(&url).map_or_else(
            |_| "postgres".to_owned(),
            |url| {
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                format!("postgres://{}{port}", url.host_str().unwrap_or_default())
            },
        );
        Self { place: Place::Postgres(url.into(), shown), may_be_made: true }
    }

    /// Only if it is there already: a mistyped path then is an error, and no new, empty inbox.
    pub fn existing(mut self) -> Self {
        self.may_be_made = false;
        self
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Place::Postgres(_, shown) => f.write_str(shown),
        }
    }
}
