//! Batches of beginnings and ends, as a group commit makes them.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;
use weifen_database::{Database, LONGEST, Pool};
use weifen_transport::SystemClock;

use super::{Beginning, Ending, Store, Write, Written};
use crate::journal::Times;
use crate::{Answer, Begun, CallKey, End, Ended, Fingerprint, NewCall, Outcome, Sending};

struct Site {
    store: Store,
    _folder: TempDir,
}

impl Site {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let database = Database::sqlite(folder.path().join("inbox.db"));
        let pool = Arc::new(Pool::open(&database, Arc::new(SystemClock)).await.unwrap());
        Self { store: Store::new(pool, Times { sendable: LONGEST, kept: LONGEST }), _folder: folder }
    }

    /// Writes a batch of beginnings.
    async fn begun(&self, batch: Vec<Beginning>) -> Vec<Begun> {
        let written = self.store.write(&batch.into_iter().map(Write::Begin).collect::<Vec<_>>()).await.unwrap();
        written.into_iter().map(|written| if let Written::Begun(begun) = written { begun } else { panic!() }).collect()
    }

    /// Writes a batch of ends.
    async fn ended(&self, batch: Vec<(&Sending, End)>) -> Vec<Ended> {
        let batch = batch.into_iter().map(|(call, end)| Write::End(Ending { call: call.clone(), end }));
        let written = self.store.write(&batch.collect::<Vec<_>>()).await.unwrap();
        written.into_iter().map(|written| if let Written::Ended(ended) = written { ended } else { panic!() }).collect()
    }
}

fn beginning(key: &str) -> Beginning {
    let key = CallKey::new("shop", key).unwrap();
    let fingerprint = Fingerprint::new(&key, "POST", "/v1/orders", &Value::Null);
    NewCall { key, operation: "order", fingerprint }.into()
}

fn sending(begun: &Begun) -> &Sending {
    let Begun::Send(sending) = begun else { panic!("{begun:?}") };
    sending
}

fn done(body: &str) -> End {
    End::Answered(Outcome::Done, answer(body))
}

fn answer(body: &str) -> Answer {
    Answer { status: 200, body: body.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_caller_has_given_up_is_not_begun() {
    let site = Site::new().await;
    let mut late = beginning("late");
    late.asked_at = Instant::now().checked_sub(LONGEST).unwrap();
    let begun = site.begun(vec![beginning("a"), late]).await;
    assert!(matches!(begun[..], [Begun::Send(_), Begun::InUse(_)]), "{begun:?}");
    assert!(site.store.call(&CallKey::new("shop", "late").unwrap()).await.unwrap().is_none());
    assert!(matches!(site.begun(vec![beginning("late")]).await[..], [Begun::Send(_)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_key_among_new_ones_is_not_begun_again_and_these_are() {
    let site = Site::new().await;
    site.begun(vec![beginning("used")]).await;
    let begun = site.begun(["a", "used", "b", "a"].map(beginning).into()).await;
    assert!(matches!(begun[..], [Begun::Send(_), Begun::InUse(_), Begun::Send(_), Begun::InUse(_)]), "{begun:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_comes_too_late_is_not_written_and_those_of_its_batch_are() {
    let site = Site::new().await;
    let first = site.begun(vec![beginning("free")]).await;
    site.ended(vec![(sending(&first[0]), End::Free)]).await;
    let begun = site.begun(["a", "free", "b"].map(beginning).into()).await;
    let [a, again, b] = [0, 1, 2].map(|at| sending(&begun[at]));
    let late = sending(&first[0]);
    let ended = site.ended(vec![(a, done("a")), (late, done("late")), (b, End::Free), (a, done("a"))]).await;
    let written = || Ended::Written(Some(answer("a")));
    assert_eq!(ended, [written(), Ended::Overtaken, Ended::Written(None), written()]);
    assert_eq!(site.ended(vec![(again, done("again"))]).await, [Ended::Written(Some(answer("again")))]);
    let begun = site.begun(["a", "free", "b"].map(beginning).into()).await;
    let replay = |body| Begun::Replay(Outcome::Done, Some(answer(body)));
    assert_eq!(begun[..2], [replay("a"), replay("again")]);
    assert!(matches!(begun[2], Begun::Send(_)), "{begun:?}");
}
