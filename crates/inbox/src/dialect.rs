//! What differs between the two databases. Everything else is one SQL.

/// SQL is written as PostgreSQL speaks it; SQLite understands all of it but for these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// A schema, written for PostgreSQL, in this dialect.
    pub(crate) fn schema(self, sql: &'static str) -> String {
        match self {
            Self::Postgres => sql.to_owned(),
            Self::Sqlite => sql
                .replace("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "INTEGER PRIMARY KEY")
                .replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY")
                .replace("BYTEA", "BLOB"),
        }
    }

    /// What whoever changes several rows says, so that they are taken in the order that stands before it.
    pub(crate) fn locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "FOR UPDATE",
        }
    }

    /// What a worker that takes rows says, so that others take other ones meanwhile.
    pub(crate) fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "FOR UPDATE SKIP LOCKED",
        }
    }
}
