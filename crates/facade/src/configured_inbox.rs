//! From `[serve]` and `[fensi]` to the inbox that they describe.

use crate::Config;
use crate::config::{ConfigError, DatabaseUrl};
use crate::inbox::{Database, Rules};

impl Config {
    /// The database of the inbox, as `serve.database` names it.
    pub fn inbox_database(&self) -> Database {
        match &self.serve.database {
            DatabaseUrl::Sqlite(path) => Database::sqlite(path),
            DatabaseUrl::Postgres(url) => Database::postgres(url.expose()),
        }
    }

    /// The rules by which the inbox judges pushes: whose they must be, and what `serve.unsolicited` and
    /// `serve.second_follow` say.
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
