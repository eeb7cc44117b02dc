//! An inbox in a folder of its own, and pushes for it.

use std::error::Error;
use std::fmt::Debug;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::{AnyConnection, Connection};
use tempfile::TempDir;
use weifen_inbox::{Booking, Database, Event, Inbox, Intake, Packet, Receipt, Rules, Status, Unsolicited};
use weifen_transport::{Clock, StoreError};

/// Tests that hold on either database: each is a test on SQLite, and `needs_postgres` runs them all.
macro_rules! behaviours {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    let folder = crate::support::Folder::new();
                    super::$name(folder.test_database()).await;
                }
            )+
        }

        pub(crate) async fn all(server: &crate::needs_postgres::Server) {
            $(
                // The name of the test that ran last is printed above a panic's message.
                println!("{}", stringify!($name));
                $name(server.test_database().await).await;
            )+
        }
    };
}
pub(crate) use behaviours;

pub(crate) const DEVELOPER: &str = "fs-developer";
pub(crate) const KEY: &str = "device-1";
pub(crate) const ACCOUNT: &str = "wx-account";

/// An inbox's database, of whichever kind.
pub(crate) struct TestDatabase {
    pub(crate) address: Database,
    url: String,
}

impl TestDatabase {
    pub(crate) fn postgres(url: String) -> Self {
        Self { address: Database::postgres(&url), url }
    }

    pub(crate) async fn inbox(&self) -> Receiving {
        self.inbox_with(rules()).await
    }

    pub(crate) async fn inbox_with(&self, rules: Rules) -> Receiving {
        Receiving::open(&self.address, rules).await
    }

    /// A connection of another program.
    pub(crate) async fn stranger(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        AnyConnection::connect(&self.url).await.unwrap()
    }
}

/// An open inbox and its intake.
#[derive(Debug, Clone)]
pub(crate) struct Receiving(pub(crate) Intake);

impl Deref for Receiving {
    type Target = Inbox;

    fn deref(&self) -> &Inbox {
        self.0.inbox()
    }
}

impl Receiving {
    pub(crate) async fn open(database: &Database, rules: Rules) -> Self {
        Self(Inbox::open(database).await.unwrap().receiving(rules))
    }

    pub(crate) async fn by_clock(database: &Database, rules: Rules, clock: Arc<dyn Clock>) -> Self {
        Self(Inbox::open_with_clock(database, clock).await.unwrap().receiving(rules))
    }

    pub(crate) async fn receive(&self, packet: impl Into<Packet>) -> Result<Receipt, StoreError> {
        self.0.receive(packet).await
    }
}

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn within(folder: &Path) -> Self {
        Self(tempfile::tempdir_in(folder).unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("inbox.db")
    }

    pub(crate) fn database(&self) -> Database {
        Database::sqlite(self.path())
    }

    pub(crate) fn test_database(&self) -> TestDatabase {
        TestDatabase { address: self.database(), url: format!("sqlite://{}?mode=rw", self.path().display()) }
    }

    /// A connection of another program.
    pub(crate) async fn stranger(&self) -> AnyConnection {
        self.test_database().stranger().await
    }

    pub(crate) async fn inbox(&self) -> Receiving {
        self.test_database().inbox().await
    }

    pub(crate) async fn inbox_with(&self, rules: Rules) -> Receiving {
        self.test_database().inbox_with(rules).await
    }
}

/// A new inbox in which a push needs no booking.
pub(crate) async fn paying_inbox() -> (Folder, Receiving) {
    let folder = Folder::new();
    let inbox = folder.inbox_with(paying()).await;
    (folder, inbox)
}

pub(crate) fn rules() -> Rules {
    Rules::new(DEVELOPER).keys([KEY])
}

/// Rules under which a push needs no booking.
pub(crate) fn paying() -> Rules {
    rules().unsolicited(Unsolicited::Pay)
}

/// A push for `user`, as the vendor documents it.
pub(crate) fn push(user: &str) -> String {
    format!(
        r#"{{"key":"{KEY}","develop_appid":"{DEVELOPER}","auth_open_id":"{user}","bidding":90,"appid":"{ACCOUNT}",
            "appname":"an account","openid":"o-{user}","nickname":"",}}"#
    )
}

/// The same with a `state`.
pub(crate) fn push_with_state(user: &str, state: &str) -> String {
    push(user).replace("\"nickname\"", &format!("\"state\":\"{state}\",\"nickname\""))
}

pub(crate) fn booking(user: &str) -> Booking {
    Booking::new(DEVELOPER, user.parse().unwrap(), KEY, ACCOUNT, Duration::from_secs(60))
}

/// An error with all its sources, as a person reads it.
pub(crate) fn words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        words = format!("{words}: {error}");
        source = error.source();
    }
    words
}

/// Retries until it succeeds: the time that a database takes to come back is no test's business.
pub(crate) async fn eventually<T, E: Debug>(mut attempt: impl AsyncFnMut() -> Result<T, E>) -> T {
    let mut last = None;
    for _ in 0..600 {
        match attempt().await {
            Ok(done) => return done,
            Err(error) => last = Some(error),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never worked again: {last:?}");
}

pub(crate) async fn receive(inbox: &Receiving, raw: &str) -> Receipt {
    inbox.receive(raw.to_owned()).await.unwrap()
}

/// Waits until it holds; a test that waits longer than any machine needs has failed.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(60), async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "never: {what}");
}

/// The users of all events that still have their push, in the order of their names.
pub(crate) async fn users(inbox: &Receiving) -> Vec<String> {
    let events = inbox.events(None, 0).await.unwrap();
    let mut users: Vec<_> =
        events.into_iter().filter_map(|event| Some(event.push?.auth_open_id.as_str().to_owned())).collect();
    users.sort_unstable();
    users
}

pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}{ending}", path.display()))
}

pub(crate) async fn check_integrity(folder: &Folder) {
    let mut stranger = folder.stranger().await;
    let found: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut stranger).await.unwrap();
    stranger.close().await.unwrap();
    assert_eq!(found, "ok");
}

/// The one event of an inbox.
pub(crate) async fn only_event(inbox: &Inbox) -> Event {
    let mut events = inbox.events(None, 0).await.unwrap();
    assert_eq!(events.len(), 1);
    events.remove(0)
}

pub(crate) async fn until_all_are(inbox: &Inbox, status: Status) {
    let all = async || inbox.events(None, 0).await.unwrap().iter().all(|event| event.status == status);
    until(&format!("all events are {status}"), all).await;
}

/// Value of one of the inbox's counters.
pub(crate) async fn counted(inbox: &Inbox, name: &str) -> String {
    let text = inbox.metrics().await.unwrap();
    let found = text.lines().find_map(|line| line.strip_prefix(&format!("weifen_inbox_{name} ")));
    found.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
}

/// For each event, the number of claims and outcomes.
pub(crate) async fn fences(folder: &Folder) -> Vec<i64> {
    sqlx::query_scalar("SELECT fence FROM events ORDER BY id").fetch_all(&mut folder.stranger().await).await.unwrap()
}
