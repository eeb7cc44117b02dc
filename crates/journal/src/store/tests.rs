//! Batches of beginnings and ends, as a group commit makes them.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use weifen_database::{Database, LONGEST, Pool, milliseconds};
use weifen_transport::SystemClock;

use super::{Beginning, Ending, Store, Write, Written};
use crate::journal::Times;
use crate::row::{self, Row};
use crate::{Answer, Begun, CallKey, End, Ended, Fingerprint, NewCall, Outcome, Sending};

const AGES: Duration = Duration::from_secs(600);

struct Site {
    store: Store,
    _folder: TempDir,
}

impl Site {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let database = Database::sqlite(folder.path().join("inbox.db"));
        let pool = Arc::new(Pool::open(&database, Arc::new(SystemClock)).await.unwrap());
        Self { store: Store::new(pool, Times { sendable: AGES, kept: AGES }), _folder: folder }
    }

    /// Writes a batch of beginnings.
    async fn begun(&self, batch: Vec<Beginning>) -> Vec<Begun> {
        let written = self.store.write(&batch.into_iter().map(Write::Begin).collect::<Vec<_>>()).await.unwrap();
        written.into_iter().map(|written| if let Written::Begun(begun) = written { begun } else { panic!() }).collect()
    }

    /// Changes the row of a call by SQL, and returns it.
    async fn row(&self, call: &Sending, change: &str) -> Row {
        let mut writing = self.store.pool().write().await.unwrap();
        let sql = format!("UPDATE calls SET {change} WHERE digest = unhex('{}')", call.digest);
        sqlx::query(AssertSqlSafe(sql)).execute(&mut *writing.connection).await.unwrap();
        let row = self.store.locked(&mut writing, [&*call.digest].into_iter()).await.unwrap().remove(&call.digest);
        writing.commit().await.unwrap();
        row.unwrap()
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
    End::Answered(Outcome::Done, answer_of(body))
}

fn answer_of(body: &str) -> Answer {
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
async fn an_end_that_was_overtaken_is_not_written_and_those_of_its_batch_are() {
    let site = Site::new().await;
    let first = site.begun(vec![beginning("free")]).await;
    site.ended(vec![(sending(&first[0]), End::Free)]).await;
    let begun = site.begun(["a", "free", "b"].map(beginning).into()).await;
    let [a, again, b] = [0, 1, 2].map(|at| sending(&begun[at]));
    let late = sending(&first[0]);
    let ended = site.ended(vec![(a, done("a")), (late, done("late")), (b, End::Free), (a, done("a"))]).await;
    let written = || Ended::Written(Some(answer_of("a")));
    assert_eq!(ended, [written(), Ended::Overtaken, Ended::Written(None), written()]);
    assert_eq!(site.ended(vec![(again, done("again"))]).await, [Ended::Written(Some(answer_of("again")))]);
    let begun = site.begun(["a", "free", "b"].map(beginning).into()).await;
    let replay = |body| Begun::Replay(Outcome::Done, Some(answer_of(body)));
    assert_eq!(begun[..2], [replay("a"), replay("again")]);
    assert!(matches!(begun[2], Begun::Send(_)), "{begun:?}");
}

/// The statement that ends calls in time decides as [`Row::ending`] does.
#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_written_where_its_row_says_so() {
    let site = Site::new().await;
    for (at, outcome) in Outcome::ALL.into_iter().cycle().take(160).enumerate() {
        let [is_own, is_last, is_late, has_answer, is_free] = [0, 1, 2, 3, 4].map(|bit| (at / 5) >> bit & 1 == 1);
        let case = format!("{outcome:?}, {is_own}, {is_last}, {is_late}, {has_answer}, {is_free}");
        let begun = site.begun(vec![beginning(&format!("key-{at}"))]).await;
        let mut call = sending(&begun[0]).clone();
        call.attempt += i64::from(!is_last);
        let sender = if is_own { &site.store.sender } else { "another" };
        let (status, answer) = if has_answer { ("200", "'old'") } else { ("NULL", "NULL") };
        let before = site.row(&call, &format!(
            "outcome = '{}', sender = '{sender}', status = {status}, answer = {answer}, deadline = deadline - {}",
            outcome.as_str(),
            if is_late { 2 * AGES.as_millis() } else { 0 },
        )).await;
        let (end, new) = if is_free { (End::Free, None) } else { (done("new"), Some(answer_of("new"))) };
        let written = if is_free { Outcome::Free } else { Outcome::Done };
        let now = milliseconds::since_1970(SystemTime::now());
        let decision = before.ending(&site.store.sender, call.attempt, written, now);
        let ended = site.ended(vec![(&call, end)]).await;
        let after = site.row(&call, "number = number").await;
        let (told, expected) = match decision {
            row::Ending::Overtaken => (Ended::Overtaken, before),
            row::Ending::Written => (Ended::Written(before.answer.clone()), before),
            row::Ending::Write => (Ended::Written(new.clone()), Row { written, answer: new, ..before }),
        };
        assert_eq!((&ended[..], after), (&[told][..], expected), "{case}");
    }
}
