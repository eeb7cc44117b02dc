//! An inbox in a file, filled by the library and looked into by the program.

use std::path::PathBuf;

use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use weifen::inbox::{Booking, Bookings, Database, Inbox, Intake, Receipt, Rules};

use super::{Ended, Program};

pub(crate) struct InboxFile {
    folder: TempDir,
    runtime: Runtime,
}

/// A push for `user`, as the vendor documents it.
pub(crate) fn push(user: &str) -> String {
    format!(
        r#"{{"key":"fs-key","develop_appid":"fs-appid","auth_open_id":"{user}","bidding":90,"appid":"wx-account",
            "appname":"七彩东莞","openid":"o-{user}","nickname":"追梦小窝",}}"#
    )
}

impl InboxFile {
    /// A path for an inbox that does not exist yet.
    pub(crate) fn nowhere() -> Self {
        // With threads of its own: the inbox's tasks go on while a test waits for a command.
        Self { folder: tempfile::tempdir().unwrap(), runtime: Runtime::new().unwrap() }
    }

    /// An inbox that received these bodies, one after the other.
    pub(crate) fn with(bodies: &[&[u8]]) -> Self {
        let file = Self::nowhere();
        file.receive(bodies);
        file
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("inbox.db")
    }

    /// Its URL, for the configuration.
    pub(crate) fn name(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }

    pub(crate) fn receive(&self, bodies: &[&[u8]]) -> Vec<Receipt> {
        self.inside(async |intake| {
            let mut receipts = Vec::new();
            for body in bodies {
                receipts.push(intake.receive(body.to_vec()).await.unwrap());
            }
            receipts
        })
    }

    /// Books a push of `user`, and receives it.
    pub(crate) fn receive_booked(&self, user: &str) {
        self.inside(async |intake| {
            let ttl = std::time::Duration::from_mins(1);
            let booking = Booking::new("fs-appid", user.parse().unwrap(), "fs-key", "wx-account", ttl);
            intake.inbox().book(&booking).await.unwrap();
            assert_eq!(intake.receive(push(user)).await.unwrap(), Receipt::Stored);
        });
    }

    /// Runs `work` on the open inbox, as a server would.
    pub(crate) fn inside<T>(&self, work: impl AsyncFnOnce(&Intake) -> T) -> T {
        self.runtime.block_on(async {
            let inbox = Inbox::open(&Database::sqlite(self.path())).await.unwrap();
            let outcome = work(&inbox.receiving(Rules::new("fs-appid").keys(["fs-key"]))).await;
            inbox.close().await;
            outcome
        })
    }

    /// Runs this SQL on it, for a state that no program of ours makes just now.
    pub(crate) fn change(&self, sql: &str) {
        self.runtime.block_on(async {
            let mut connection =
                SqliteConnection::connect(&format!("sqlite://{}", self.path().display())).await.unwrap();
            connection.execute(AssertSqlSafe(sql)).await.unwrap();
            connection.close().await.unwrap();
        });
    }

    /// Runs `work` while another program holds the write lock.
    pub(crate) fn while_locked<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut connection = self.runtime.block_on(async {
            let url = format!("sqlite://{}", self.path().display());
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            connection.execute("BEGIN IMMEDIATE").await.unwrap();
            connection
        });
        let outcome = work();
        self.runtime.block_on(async {
            connection.execute("ROLLBACK").await.unwrap();
            connection.close().await.unwrap();
        });
        outcome
    }

    /// All bytes that it keeps on the disk.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    /// `weifen inbox …` with this inbox, with nothing else configured.
    pub(crate) fn program(&self, arguments: &[&str]) -> Program {
        Program::new(&[&["inbox"], arguments].concat()).env("WEIFEN_SERVE_DATABASE", &self.name())
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.program(arguments).run()
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Ended {
        self.program(arguments).arg("--json").run()
    }
}
