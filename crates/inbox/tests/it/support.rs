//! An inbox in a folder of its own, and pushes for it.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::Connection;
use tempfile::TempDir;
use weifen_inbox::{Booking, Database, Event, Inbox, Receipt, Rules, Status};

pub(crate) const DEVELOPER: &str = "fs-developer";
pub(crate) const KEY: &str = "device-1";
pub(crate) const ACCOUNT: &str = "wx-account";

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("inbox.db")
    }

    pub(crate) fn database(&self) -> Database {
        Database::sqlite(self.path())
    }

    pub(crate) async fn inbox(&self) -> Inbox {
        self.inbox_with(rules()).await
    }

    pub(crate) async fn inbox_with(&self, rules: Rules) -> Inbox {
        Inbox::open(&self.database(), rules).await.unwrap()
    }
}

pub(crate) fn rules() -> Rules {
    Rules::new(DEVELOPER).keys([KEY])
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

pub(crate) async fn receive(inbox: &Inbox, raw: &str) -> Receipt {
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

/// What a counter of the inbox stands at.
pub(crate) async fn counted(inbox: &Inbox, name: &str) -> String {
    let text = inbox.metrics().await.unwrap();
    let found = text.lines().find_map(|line| line.strip_prefix(&format!("weifen_inbox_{name} ")));
    found.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
}

/// Of each event, how often it has been claimed and settled.
pub(crate) async fn fences(folder: &Folder) -> Vec<i64> {
    let url = format!("sqlite://{}", folder.path().display());
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    sqlx::query_scalar("SELECT fence FROM events ORDER BY id").fetch_all(&mut connection).await.unwrap()
}
