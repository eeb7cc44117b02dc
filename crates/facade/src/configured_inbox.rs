//! Makes the inbox that `[serve]` and `[fensi]` describe.

use crate::Config;
use crate::config::{ConfigError, DatabaseUrl};
use crate::inbox::{Database, Rules};

impl Config {
    /// Returns the inbox's database, as `serve.database` names it. Nothing is opened yet.
    pub fn inbox_database(&self) -> Database {
        match &self.serve.database {
            DatabaseUrl::Sqlite(path) => Database::sqlite(path),
            DatabaseUrl::Postgres(url) => Database::postgres(url.expose()),
        }
    }

    /// Returns the rules by which the inbox judges pushes: the developer and keys that they must have, and the
    /// settings of `[serve]` for unsolicited, repeated and quarantined pushes.
    ///
    /// # Errors
    /// `fensi.develop_appid` is not set.
    pub fn inbox_rules(&self) -> Result<Rules, ConfigError> {
        let rules = Rules::new(self.fensi.develop_appid()?).keys(&self.serve.keys);
        Ok(rules
            .unsolicited(self.serve.unsolicited)
            .second_follow(self.serve.second_follow)
            .quarantine_bytes(self.serve.quarantine_bytes)
            .quarantine_rate(self.serve.quarantine_rate))
    }
}
