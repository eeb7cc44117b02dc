//! The life of a call, in both databases.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::JoinSet;
use weifen_database::{Database, Pool};
use weifen_journal::{Answer, Begun, DatabaseError, End, Ended, Finish, Journal, Outcome, Times, Writing};
use weifen_transport::SystemClock;
use xtask_services::Postgres;

use crate::{LONG, Site, answer, call, key, sent};

/// Each behaviour is a test on SQLite; one test runs all of them on PostgreSQL.
macro_rules! behaviours {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name(crate::Site::on_sqlite()).await;
                }
            )+
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn needs_postgres_all_of_them() {
            let server = Postgres::start();
            $(
                println!("{}", stringify!($name));
                $name(Site::on_postgres(&server, stringify!($name)).await).await;
            )+
        }
    };
}

behaviours![
    an_end_is_answered_again_and_nothing_is_sent,
    of_a_hundred_at_once_one_is_sent,
    ends_and_repeats_at_once_do_not_block_each_other,
    a_free_key_may_be_sent_again_for_the_same_request_alone,
    a_call_past_its_deadline_is_unknown_and_its_sender_may_still_end_it,
    an_erased_answer_is_known_to_have_been_given,
    what_is_committed_with_an_end_is_committed_once,
    an_end_is_answered_where_the_call_is_known_no_longer,
    an_outcome_is_found_by_its_caller_alone,
    a_purge_erases_what_has_ended_and_leaves_what_is_under_way,
];

async fn an_end_is_answered_again_and_nothing_is_sent(site: Site) {
    let journal = site.journal(LONG).await;
    for (name, outcome) in [("a", Outcome::Done), ("b", Outcome::Refused), ("c", Outcome::Unknown)] {
        let sending = sent(&journal, name).await;
        let in_use = journal.begin(call(name, "1")).await.unwrap();
        assert!(matches!(in_use, Begun::InUse(left) if !left.is_zero() && left <= LONG.sendable), "{in_use:?}");
        let end = End::Answered(outcome, answer(name));
        assert_eq!(journal.end(&sending, end.clone()).await.unwrap(), Ended::Written(Some(answer(name))));
        // A second writing of the same end changes nothing.
        assert_eq!(journal.end(&sending, end).await.unwrap(), Ended::Written(Some(answer(name))));
        journal.end(&sending, End::Free).await.unwrap();
        assert_eq!(journal.begin(call(name, "1")).await.unwrap(), Begun::Replay(outcome, Some(answer(name))));
        assert_eq!(journal.begin(call(name, "2")).await.unwrap(), Begun::Reused);
    }
}

async fn of_a_hundred_at_once_one_is_sent(site: Site) {
    let (one, another) = (site.journal(LONG).await, site.journal(LONG).await);
    let mut callers = JoinSet::new();
    for at in 0..100 {
        let journal = if at % 2 == 0 { one.clone() } else { another.clone() };
        callers.spawn(async move { journal.begin(call(&format!("key {}", at % 5).replace(' ', "-"), "1")).await });
    }
    let begun: Vec<_> = callers.join_all().await.into_iter().map(Result::unwrap).collect();
    assert_eq!(begun.iter().filter(|begun| matches!(begun, Begun::Send(_))).count(), 5);
    assert_eq!(begun.iter().filter(|begun| matches!(begun, Begun::InUse(_))).count(), 95);
}

async fn ends_and_repeats_at_once_do_not_block_each_other(site: Site) {
    let (one, another) = (site.journal(LONG).await, site.journal(LONG).await);
    for round in 0..10 {
        let name = move |at: u32| format!("key-{round}-{at}");
        let mut senders = JoinSet::new();
        for at in 0..100 {
            let journal = one.clone();
            senders.spawn(async move { (at, sent(&journal, &name(at)).await) });
        }
        let mut tasks = JoinSet::new();
        for (at, sending) in senders.join_all().await {
            let journal = one.clone();
            tasks.spawn(async move { drop(journal.end(&sending, End::Free).await.unwrap()) });
            for journal in [one.clone(), another.clone()] {
                tasks.spawn(async move { drop(journal.begin(call(&name(at), "1")).await.unwrap()) });
            }
        }
        tasks.join_all().await;
    }
}

async fn a_free_key_may_be_sent_again_for_the_same_request_alone(site: Site) {
    let journal = site.journal(LONG).await;
    let first = sent(&journal, "a").await;
    assert_eq!(journal.end(&first, End::Free).await.unwrap(), Ended::Written(None));
    assert_eq!(journal.begin(call("a", "2")).await.unwrap(), Begun::Reused);
    let second = sent(&journal, "a").await;
    assert_ne!(first, second);
    // The first sender comes late.
    assert_eq!(journal.end(&first, End::Answered(Outcome::Done, answer("late"))).await.unwrap(), Ended::Overtaken);
    journal.end(&second, End::Answered(Outcome::Done, answer("a"))).await.unwrap();
    let kept = journal.call(&key("a")).await.unwrap().unwrap();
    assert_eq!((kept.outcome, kept.attempt, kept.answer), (Outcome::Done, 2, Some(answer("a"))));
}

async fn a_call_past_its_deadline_is_unknown_and_its_sender_may_still_end_it(site: Site) {
    let journal = site.journal(Times { sendable: Duration::ZERO, ..LONG }).await;
    let sending = sent(&journal, "a").await;
    assert_eq!(journal.begin(call("a", "1")).await.unwrap(), Begun::Replay(Outcome::Unknown, None));
    assert_eq!(journal.call(&key("a")).await.unwrap().unwrap().outcome, Outcome::Unknown);
    assert_eq!(journal.calls("shop", Some(Outcome::Unknown), i64::MAX, 10).await.unwrap().len(), 1);
    assert_eq!(journal.end(&sending, End::Free).await.unwrap(), Ended::Overtaken);
    assert_eq!(journal.begin(call("a", "1")).await.unwrap(), Begun::Replay(Outcome::Unknown, None));
    journal.end(&sending, End::Answered(Outcome::Done, answer("a"))).await.unwrap();
    assert_eq!(journal.begin(call("a", "1")).await.unwrap(), Begun::Replay(Outcome::Done, Some(answer("a"))));
}

async fn an_erased_answer_is_known_to_have_been_given(site: Site) {
    let journal = site.journal(LONG).await;
    let sending = sent(&journal, "a").await;
    journal.end(&sending, End::Answered(Outcome::Done, answer("a"))).await.unwrap();
    let begun = sent(&journal, "under-way").await;
    let unknown = sent(&journal, "unknown").await;
    journal.end(&unknown, End::Answered(Outcome::Unknown, answer("unknown"))).await.unwrap();
    let pool = site.pool().await;
    let mut writing = pool.write().await.unwrap();
    let aged = "UPDATE calls SET kept_until = kept_until - CAST(1200000 AS BIGINT)";
    sqlx::query(aged).execute(&mut *writing.connection).await.unwrap();
    writing.commit().await.unwrap();
    for _ in 0..2 {
        assert_eq!(journal.begin(call("a", "1")).await.unwrap(), Begun::Expired(Outcome::Done));
        let kept = journal.call(&key("a")).await.unwrap().unwrap();
        assert_eq!((kept.outcome, kept.key, kept.answer), (Outcome::Done, None, None));
        journal.erase().await.unwrap();
    }
    assert_eq!(journal.erase().await.unwrap(), 0);
    // A person has to look at what is unknown.
    assert_eq!(journal.begin(call("unknown", "1")).await.unwrap(), Begun::Expired(Outcome::Unknown));
    let unknown = journal.calls("shop", Some(Outcome::Unknown), i64::MAX, 10).await.unwrap();
    assert_eq!(unknown.iter().map(|call| call.key.as_deref()).collect::<Vec<_>>(), [Some("unknown")]);
    // What is under way is not erased.
    journal.end(&begun, End::Free).await.unwrap();
    assert!(matches!(journal.begin(call("under-way", "1")).await.unwrap(), Begun::Send(_)));
}

async fn a_purge_erases_what_has_ended_and_leaves_what_is_under_way(site: Site) {
    let journal = site.journal(LONG).await;
    let sending = sent(&journal, "a").await;
    journal.end(&sending, End::Answered(Outcome::Done, answer("a"))).await.unwrap();
    let begun = sent(&journal, "under-way").await;
    let pool = site.pool().await;
    assert_eq!(Journal::purge(&pool, Duration::from_secs(60)).await.unwrap(), 0);
    assert_eq!(Journal::purge(&pool, Duration::ZERO).await.unwrap(), 1);
    assert_eq!(journal.begin(call("a", "1")).await.unwrap(), Begun::Expired(Outcome::Done));
    journal.end(&begun, End::Answered(Outcome::Done, answer("b"))).await.unwrap();
    let replayed = journal.begin(call("under-way", "1")).await.unwrap();
    assert_eq!(replayed, Begun::Replay(Outcome::Done, Some(answer("b"))));
    // After 400 days nothing is known of it.
    let mut writing = pool.write().await.unwrap();
    let aged = "UPDATE calls SET ended_at = ended_at - 400 * CAST(86400000 AS BIGINT)";
    sqlx::query(aged).execute(&mut *writing.connection).await.unwrap();
    writing.commit().await.unwrap();
    Journal::purge(&pool, Duration::from_secs(3600)).await.unwrap();
    assert_eq!(journal.call(&key("a")).await.unwrap(), None);
}

/// An end that counts how often it was written.
#[derive(Debug)]
struct Counted;

#[async_trait]
impl Finish for Counted {
    async fn finish(&self, writing: &mut Writing<'_>) -> Result<Answer, DatabaseError> {
        let sql = "INSERT INTO quarantine (received_at, reason, raw) VALUES (1, 'counted', $1)";
        sqlx::query(sql).bind(Vec::<u8>::new()).execute(&mut *writing.connection).await?;
        Ok(answer("counted"))
    }
}

async fn what_is_committed_with_an_end_is_committed_once(site: Site) {
    let pool = site.pool().await;
    let journal = Journal::open(pool.clone(), LONG).await.unwrap();
    let sending = sent(&journal, "a").await;
    let (one, two) = (End::Finished(Arc::new(Counted)), End::Finished(Arc::new(Counted)));
    let (one, two) = tokio::join!(journal.end(&sending, one), journal.end(&sending, two));
    let ended = Ended::Written(Some(answer("counted")));
    assert_eq!((one.unwrap(), two.unwrap()), (ended.clone(), ended));
    assert_eq!(counted(&pool).await, 1);
}

async fn an_end_is_answered_where_the_call_is_known_no_longer(site: Site) {
    let pool = site.pool().await;
    let journal = Journal::open(pool.clone(), LONG).await.unwrap();
    let (plain, finished, free) = (sent(&journal, "a").await, sent(&journal, "b").await, sent(&journal, "c").await);
    // As after the restore of a backup.
    let mut writing = pool.write().await.unwrap();
    sqlx::query("DELETE FROM calls").execute(&mut *writing.connection).await.unwrap();
    writing.commit().await.unwrap();
    let end = End::Answered(Outcome::Done, answer("a"));
    assert_eq!(journal.end(&plain, end).await.unwrap(), Ended::Written(Some(answer("a"))));
    let end = End::Finished(Arc::new(Counted));
    assert_eq!(journal.end(&finished, end).await.unwrap(), Ended::Written(Some(answer("counted"))));
    assert_eq!(journal.end(&free, End::Free).await.unwrap(), Ended::Written(None));
    assert_eq!(counted(&pool).await, 1);
    assert_eq!(journal.call(&key("a")).await.unwrap(), None);
}

/// Number of times that [`Counted`] was committed.
async fn counted(pool: &Pool) -> i64 {
    let (mut connection, _) = pool.read().await.unwrap();
    sqlx::query_scalar("SELECT COUNT(*) FROM quarantine").fetch_one(&mut *connection).await.unwrap()
}

async fn an_outcome_is_found_by_its_caller_alone(site: Site) {
    let journal = site.journal(LONG).await;
    let mut expected = Vec::new();
    for at in 0..5 {
        let name = format!("key-{at}");
        let sending = sent(&journal, &name).await;
        journal.end(&sending, End::Answered(Outcome::Refused, answer(&name))).await.unwrap();
        expected.insert(0, Some(name));
    }
    let _under_way = sent(&journal, "begun").await;
    let refused = journal.calls("shop", Some(Outcome::Refused), i64::MAX, 3).await.unwrap();
    let rest = journal.calls("shop", Some(Outcome::Refused), refused[2].number, 3).await.unwrap();
    let keys: Vec<_> = refused.iter().chain(&rest).map(|call| call.key.clone()).collect();
    assert_eq!(keys, expected);
    assert_eq!(journal.calls("shop", None, i64::MAX, 10).await.unwrap().len(), 6);
    assert_eq!(journal.calls("shop", Some(Outcome::Begun), i64::MAX, 10).await.unwrap().len(), 1);
    assert_eq!(journal.calls("another", None, i64::MAX, 10).await.unwrap(), []);
    assert_eq!(journal.call(&weifen_journal::CallKey::new("another", "key-1").unwrap()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_file_what_an_ended_server_has_begun_is_unknown_at_once() {
    let site = Site::on_sqlite();
    let before = site.journal(LONG).await;
    let sending = sent(&before, "a").await;
    let after = site.journal(LONG).await;
    assert_eq!(after.begin(call("a", "1")).await.unwrap(), Begun::Replay(Outcome::Unknown, None));
    assert_eq!(after.end(&sending, End::Answered(Outcome::Done, answer("a"))).await.unwrap(), Ended::Overtaken);
}

#[test]
fn a_key_is_the_same_in_quotes_and_of_one_caller() {
    let shop = key("order-1");
    assert_eq!(weifen_journal::CallKey::new("shop", "\"order-1\"").unwrap(), shop);
    assert_ne!(weifen_journal::CallKey::new("kiosk", "order-1").unwrap(), shop);
    for wrong in ["", "\"\"", "a b", "schlüssel", &"k".repeat(129)] {
        assert!(weifen_journal::CallKey::new("shop", wrong).is_err(), "{wrong}");
    }
    assert!(weifen_journal::CallKey::new("shop", &"k".repeat(128)).is_ok());
}

#[test]
fn a_fingerprint_is_another_one_for_each_key() {
    let of = |name| weifen_journal::Fingerprint::new(&key(name), "POST", "/p", &serde_json::Value::Null);
    assert_eq!(of("a"), of("a"));
    assert_ne!(of("a"), of("b"));
}

#[test]
fn a_fingerprint_knows_neither_order_nor_nulls_but_every_value() {
    let of =
        |text: &str| weifen_journal::Fingerprint::new(&key("a"), "POST", "/p", &serde_json::from_str(text).unwrap());
    assert_eq!(of(r#"{"a": 1, "b": {"c": 2, "d": null}}"#), of(r#"{"b": {"c": 2}, "a": 1, "e": null}"#));
    assert_ne!(of(r#"{"a": 1}"#), of(r#"{"a": "1"}"#));
    assert_ne!(of(r#"{"a": 1}"#), of(r#"{"a": 1, "b": 0}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_end_cannot_be_written_yet_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inbox.db");
    let pool = Pool::open(&Database::sqlite(&file), Arc::new(SystemClock)).await.unwrap();
    let journal = Journal::open(Arc::new(pool), Times { sendable: Duration::ZERO, ..LONG }).await.unwrap();
    let (done, unsent) = (sent(&journal, "done").await, sent(&journal, "unsent").await);
    let end_done = || journal.end(&done, End::Answered(Outcome::Done, answer("a")));
    let end_unsent = || journal.end(&unsent, End::Free);
    std::fs::rename(&file, folder.path().join("away")).unwrap();
    end_done().await.unwrap_err();
    end_unsent().await.unwrap_err();
    std::fs::rename(folder.path().join("away"), &file).unwrap();
    for name in ["done", "unsent"] {
        assert!(matches!(journal.begin(call(name, "1")).await.unwrap(), Begun::InUse(_)), "{name}");
    }
    end_done().await.unwrap();
    assert_eq!(journal.begin(call("done", "1")).await.unwrap(), Begun::Replay(Outcome::Done, Some(answer("a"))));
    // Its deadline is over: nobody may set it free.
    assert_eq!(end_unsent().await.unwrap(), Ended::Overtaken);
    assert_eq!(journal.begin(call("unsent", "1")).await.unwrap(), Begun::Replay(Outcome::Unknown, None));
}
