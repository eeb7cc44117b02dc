//! The SQL that differs between the two databases. All other SQL is shared.

/// A database's SQL. Statements are written for PostgreSQL; SQLite understands all of it but these parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// A schema, written for PostgreSQL, in this dialect.
    pub fn schema(self, sql: &'static str) -> String {
        match self {
            Self::Postgres => sql.to_owned(),
            Self::Sqlite => sql
                .replace("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "INTEGER PRIMARY KEY")
                .replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY")
                .replace("BYTEA", "BLOB")
                .replace("CAST(gen_random_uuid() AS TEXT)", "lower(hex(randomblob(16)))"),
        }
    }

    /// An expression: the database's time in milliseconds since 1970; NULL for SQLite, which has no clock of its own.
    pub fn now(self) -> &'static str {
        match self {
            Self::Sqlite => "NULL",
            Self::Postgres => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        }
    }

    /// Begins a transaction that writes.
    pub fn begin(self) -> &'static str {
        match self {
            // Takes the write lock now, not after the first read.
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// A table expression over a JSON array of arrays, the statement's first value. Each column has a type.
    ///
    /// A batch goes to the database as one value and comes back as one: each further row would wake the program again.
    pub fn records(self, columns: &[(&str, &str)]) -> String {
        let arrays = match self {
            // With an offset SQLite reads each value once, however often the statement around it names its column.
            Self::Sqlite => "jsonb_each($1) LIMIT -1 OFFSET 0",
            Self::Postgres => "jsonb_array_elements(CAST($1 AS JSONB)) AS value",
        };
        let columns = columns.iter().enumerate();
        let columns: Vec<_> =
            columns.map(|(at, (name, kind))| format!("CAST(value ->> {at} AS {kind}) AS {name}")).collect();
        format!("(SELECT {} FROM {arrays}) AS record", columns.join(", "))
    }

    /// A condition: a column of bytes is in a JSON array of hexadecimal texts, the statement's first value.
    pub fn is_among(self) -> &'static str {
        match self {
            Self::Sqlite => "IN (SELECT unhex(value) FROM json_each($1))",
            Self::Postgres => {
                "= ANY (ARRAY(SELECT decode(value, 'hex') FROM json_array_elements_text(CAST($1 AS JSON)) AS value))"
            }
        }
    }

    /// A selection: the texts of a JSON array, which is the statement's first value.
    pub fn texts(self) -> &'static str {
        match self {
            Self::Sqlite => "SELECT value FROM json_each($1)",
            Self::Postgres => "SELECT value FROM json_array_elements_text(CAST($1 AS JSON)) AS value",
        }
    }

    /// An expression: one text of that array.
    pub fn text_at(self, at: usize) -> String {
        match self {
            Self::Sqlite => format!("($1 ->> {at})"),
            Self::Postgres => format!("(CAST($1 AS JSON) ->> {at})"),
        }
    }

    /// An expression: selected rows as one text, a JSON array of arrays.
    pub fn json(self, columns: &str) -> String {
        match self {
            Self::Sqlite => format!("json_group_array(json_array({columns}))"),
            Self::Postgres => format!("CAST(COALESCE(json_agg(json_build_array({columns})), '[]') AS TEXT)"),
        }
    }

    /// A table expression: the whole numbers from 0 to `last`, as `number`.
    pub fn numbers_to(self, last: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "(WITH RECURSIVE numbers (number) AS (\
                     SELECT {last} UNION ALL SELECT number - 1 FROM numbers WHERE number > 0) \
                 SELECT number FROM numbers) AS numbers"
            ),
            Self::Postgres => format!("generate_series(0, {last}) AS numbers (number)"),
        }
    }

    /// An expression: the bytes of a hexadecimal text.
    pub fn bytes(self, text: &str) -> String {
        match self {
            Self::Sqlite => format!("unhex({text})"),
            Self::Postgres => format!("decode({text}, 'hex')"),
        }
    }

    /// An expression: the hexadecimal text of bytes.
    pub fn hex(self, bytes: &str) -> String {
        match self {
            Self::Sqlite => format!("hex({bytes})"),
            Self::Postgres => format!("encode({bytes}, 'hex')"),
        }
    }

    /// The row-lock clause, after ORDER BY, so that all writers lock rows in one order.
    pub fn locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "FOR UPDATE",
        }
    }

    /// The row-lock clause of a worker that claims rows: other workers skip the locked ones.
    pub fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "FOR UPDATE SKIP LOCKED",
        }
    }
}
