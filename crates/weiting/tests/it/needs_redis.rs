//! The store in Redis, against servers of the tests' own.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use weifen_transport::{Clock, ErrorKind, StoreError, StoreErrorKind};
use weifen_weiting::token::store::{Claim, ClaimOutcome, Lease, SaveOutcome};
use weifen_weiting::token::{RedisFault, RedisStore, Token, TokenStore, token_store_conformance};
use xtask_services::Redis;
use xtask_services::signal::{self, Signal};

use crate::fetching::{Fetcher, NOON, clock, key};

const SECOND: Duration = Duration::from_secs(1);
const LIFE: Duration = Duration::from_secs(7200);

const RECORD: &str = "weifen:{wx1@m.sh.189.cn}:token:wx1@https://m.sh.189.cn#2bb80d537b1da3e3";
const LEASE: &str = "weifen:{wx1@m.sh.189.cn}:lease:wx1@https://m.sh.189.cn#2bb80d537b1da3e3";
const LEDGER: &str = "weifen:{wx1@m.sh.189.cn}:ledger";

/// Sends a command to the server, beside the store.
fn ask<T: redis::FromRedisValue>(redis: &Redis, words: &[&str]) -> T {
    let mut connection = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    let mut command = redis::Cmd::new();
    command.arg(words);
    command.query(&mut connection).unwrap()
}

fn tell(redis: &Redis, words: &[&str]) {
    let _: redis::Value = ask(redis, words);
}

fn json(redis: &Redis, key: &str) -> serde_json::Value {
    serde_json::from_str(&ask::<String>(redis, &["GET", key])).unwrap()
}

fn open(redis: &Redis) -> Arc<dyn TokenStore> {
    Arc::new(RedisStore::new(&redis.url()).unwrap())
}

fn claim(holder: &str) -> Claim {
    Claim {
        holder: holder.to_owned(),
        now: clock().wall(),
        life: LIFE,
        lease: SECOND * 20,
        daily_limit: 200,
        replaces: 0,
    }
}

fn granted(claimed: ClaimOutcome) -> Lease {
    match claimed {
        ClaimOutcome::Granted(lease) => lease,
        other => panic!("not granted: {other:?}"),
    }
}

fn token(value: &str, lease: &Lease) -> Token {
    Token::new(value.parse().unwrap(), lease.generation, clock().wall(), LIFE)
}

fn fault(error: &StoreError) -> &RedisFault {
    error.source().unwrap().downcast_ref().unwrap()
}

/// The error with all its sources, and its `Debug` output.
fn printed(error: &dyn Error) -> String {
    let mut lines = vec![format!("{error:?}"), error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        lines.push(error.to_string());
        source = error.source();
    }
    lines.join(": ")
}

#[tokio::test]
async fn the_redis_store_keeps_every_promise() {
    let redis = Redis::start();
    token_store_conformance(|| {
        tell(&redis, &["FLUSHALL"]);
        open(&redis)
    })
    .await;
}

#[tokio::test]
async fn its_keys_are_the_documented_ones_and_none_stays_for_ever() {
    let redis = Redis::start();
    let store = open(&redis);
    let lease = granted(store.claim(&key("secret"), &claim("holder")).await.unwrap());
    assert_eq!(ask::<String>(&redis, &["GET", LEASE]), "1 holder");
    assert_eq!(json(&redis, LEDGER), serde_json::json!({"2019-05-07": 1}));
    assert_eq!(json(&redis, RECORD)["token"], serde_json::Value::Null);

    store.save(&key("secret"), &lease, &token("=a-token", &lease)).await.unwrap();
    let expected = serde_json::json!({
        "access_token": "=a-token", "generation": 1, "fetched_at_ms": NOON * 1000, "expires_at_ms": (NOON + 7200) * 1000
    });
    assert_eq!(json(&redis, RECORD)["token"], expected);

    let mut keys = ask::<Vec<String>>(&redis, &["KEYS", "*"]);
    keys.sort();
    assert_eq!(keys, [LEDGER, RECORD], "the right was given back, and nothing else is kept");
    for key in keys {
        let days = ask::<u64>(&redis, &["TTL", &key]) / 86_400;
        assert!((7..=8).contains(&days), "{key} ends after {days} days");
    }
}

#[tokio::test]
async fn the_database_of_the_url_is_used() {
    let redis = Redis::start();
    let store = RedisStore::new(&format!("{}/3", redis.url())).unwrap();
    granted(store.claim(&key("secret"), &claim("holder")).await.unwrap());
    assert_eq!(ask::<u32>(&redis, &["DBSIZE"]), 0);
    let stored = RedisStore::new(&format!("{}/3", redis.url())).unwrap().load(&key("secret"), clock().wall()).await;
    assert_eq!(stored.unwrap().fetches_today, 1);

    let store = RedisStore::new(&format!("{}/1000", redis.url())).unwrap();
    let error = store.load(&key("secret"), clock().wall()).await.unwrap_err();
    assert!(matches!(fault(&error), RedisFault::Database { database: 1000 }), "{}", printed(&error));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_processes_make_one_fetch() {
    let redis = Redis::start();
    let (fetcher, clock) = (Fetcher::new(SECOND / 5), clock());
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let process = fetcher.process(&clock, &open(&redis));
            tokio::spawn(async move { process.current().await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().value().as_str(), "token-1");
    }
    assert_eq!(fetcher.fetches(), 1);
    assert_eq!(json(&redis, LEDGER)["2019-05-07"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_fetches_at_once_of_one_account_are_all_counted() {
    let redis = Redis::start();
    let claims: Vec<_> = (0..10)
        .map(|number| {
            let store = open(&redis);
            tokio::spawn(async move { store.claim(&key(&format!("secret-{number}")), &claim("holder")).await })
        })
        .collect();
    for claim in claims {
        granted(claim.await.unwrap().unwrap());
    }
    assert_eq!(json(&redis, LEDGER)["2019-05-07"], 10);
}

#[tokio::test]
async fn without_redis_a_held_token_stays_in_use_and_none_is_fetched() {
    let mut redis = Redis::start_durable();
    let (fetcher, clock) = (Fetcher::new(Duration::ZERO), clock());
    let warm = fetcher.process(&clock, &open(&redis));
    let cold = fetcher.process(&clock, &open(&redis));
    warm.current().await.unwrap();

    redis.stop();
    clock.advance(SECOND * 7000);
    assert_eq!(warm.current().await.unwrap().value().as_str(), "token-1");
    assert_eq!(warm.settle().await.unwrap_err().kind(), ErrorKind::Store, "a renewal was due, and not possible");
    assert_eq!(warm.current().await.unwrap().value().as_str(), "token-1");
    let error = cold.current().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    let words = format!("redis://127.0.0.1:{}/0 can't be used: no connection; check that Redis runs", redis.port());
    assert!(printed(&error).contains(&words), "{}", printed(&error));
    assert_eq!(fetcher.fetches(), 1);

    redis.restart();
    clock.advance(SECOND * 2);
    assert_eq!(cold.current().await.unwrap().value().as_str(), "token-1", "the token outlived the restart");
    clock.advance(SECOND * 198);
    assert_eq!(warm.current().await.unwrap().value().as_str(), "token-2");
    assert_eq!(cold.current().await.unwrap().value().as_str(), "token-2");
    assert_eq!(fetcher.fetches(), 2);
}

#[tokio::test]
async fn a_redis_that_lost_everything_is_filled_again() {
    let redis = Redis::start();
    let (fetcher, clock) = (Fetcher::new(Duration::ZERO), clock());
    let process = fetcher.process(&clock, &open(&redis));
    for _ in 0..3 {
        process.current().await.unwrap();
        clock.advance(LIFE);
    }
    tell(&redis, &["FLUSHALL"]);
    let token = process.current().await.unwrap();
    assert_eq!((token.generation(), fetcher.fetches()), (4, 4));

    let store = open(&redis);
    let next = Claim { replaces: 4, ..claim("holder") };
    let lease = granted(store.claim(&key("secret"), &next).await.unwrap());
    tell(&redis, &["FLUSHALL"]);
    let saved = store.save(&key("secret"), &lease, &self::token("=a-token", &lease)).await;
    assert_eq!(saved.unwrap(), SaveOutcome::Kept, "what was fetched while it was lost is kept");
    let stored = store.load(&key("secret"), self::clock().wall()).await.unwrap();
    assert_eq!(stored.token.unwrap().generation(), 5);
}

#[tokio::test]
async fn a_holder_that_slept_past_its_right_changes_nothing() {
    let redis = Redis::start();
    let store = open(&redis);
    let short = Claim { lease: SECOND * 600, ..claim("sleeper") };
    let sleeper = granted(store.claim(&key("secret"), &short).await.unwrap());
    tell(&redis, &["PEXPIRE", LEASE, "0"]);
    let other = granted(store.claim(&key("secret"), &claim("other")).await.unwrap());

    let before = ask::<String>(&redis, &["GET", RECORD]);
    let saved = store.save(&key("secret"), &sleeper, &token("=old", &sleeper)).await;
    assert_eq!(saved.unwrap(), SaveOutcome::Superseded);
    store.fail(&key("secret"), &sleeper).await.unwrap();
    assert_eq!(ask::<String>(&redis, &["GET", RECORD]), before);
    assert_eq!(ask::<String>(&redis, &["GET", LEASE]), "2 other", "the right is still the other's");

    store.save(&key("secret"), &other, &token("=new", &other)).await.unwrap();
    let saved = store.save(&key("secret"), &sleeper, &token("=old", &sleeper)).await;
    assert_eq!(saved.unwrap(), SaveOutcome::Superseded);
    assert_eq!(json(&redis, RECORD)["token"]["access_token"], "=new");
}

#[tokio::test]
async fn a_holder_that_sleeps_in_the_midst_of_its_save_changes_nothing() {
    let redis = Redis::start();
    let store = open(&redis);
    let sleeper = granted(store.claim(&key("secret"), &claim("sleeper")).await.unwrap());
    let ((sleeps, wakes), port) = sleeping_before_its_script(redis.port()).await;
    let save = tokio::spawn({
        let (lease, token) = (sleeper.clone(), token("=old", &sleeper));
        async move {
            let store = RedisStore::new(&format!("redis://127.0.0.1:{port}")).unwrap();
            store.save(&key("secret"), &lease, &token).await
        }
    });
    sleeps.await.unwrap();
    tell(&redis, &["PEXPIRE", LEASE, "0"]);
    granted(store.claim(&key("secret"), &claim("other")).await.unwrap());
    wakes.send(()).unwrap();

    assert_eq!(save.await.unwrap().unwrap(), SaveOutcome::Superseded);
    assert_eq!(json(&redis, RECORD)["token"], serde_json::Value::Null);
    assert_eq!(ask::<String>(&redis, &["GET", LEASE]), "2 other");
}

/// A port of 127.0.0.1 that forwards to the server. It holds the first script back until it is signalled.
async fn sleeping_before_its_script(port: u16) -> ((oneshot::Receiver<()>, oneshot::Sender<()>), u16) {
    let ((asleep, sleeps), (wakes, awake)) = (oneshot::channel(), oneshot::channel());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let ((mut questions, mut answers), (mut replies, mut commands)) = (client.into_split(), server.into_split());
        tokio::spawn(async move { tokio::io::copy(&mut replies, &mut answers).await });
        let (mut buffer, mut until) = ([0; 4096], Some((asleep, awake)));
        while let Ok(count @ 1..) = questions.read(&mut buffer).await {
            if String::from_utf8_lossy(&buffer[..count]).contains("EVAL")
                && let Some((asleep, awake)) = until.take()
            {
                asleep.send(()).unwrap();
                awake.await.unwrap();
            }
            commands.write_all(&buffer[..count]).await.unwrap();
        }
    });
    ((sleeps, wakes), own)
}

#[tokio::test]
async fn a_right_that_ended_by_itself_is_still_good_for_a_save_while_nobody_else_has_it() {
    let redis = Redis::start();
    let store = open(&redis);
    let lease = granted(store.claim(&key("secret"), &claim("holder")).await.unwrap());
    tell(&redis, &["PEXPIRE", LEASE, "0"]);
    let saved = store.save(&key("secret"), &lease, &token("=a-token", &lease)).await;
    assert_eq!(saved.unwrap(), SaveOutcome::Kept);
}

#[tokio::test]
async fn a_right_that_lasts_longer_than_any_can_bars_nobody() {
    let redis = Redis::start();
    let store = open(&redis);
    granted(store.claim(&key("secret"), &claim("holder")).await.unwrap());
    tell(&redis, &["PEXPIRE", LEASE, "7200000"]);
    let taken = store.claim(&key("secret"), &claim("next")).await.unwrap();
    assert!(matches!(taken, ClaimOutcome::Taken { .. }), "{taken:?}");

    tell(&redis, &["PEXPIRE", LEASE, "315360000000"]);
    assert_eq!(store.load(&key("secret"), clock().wall()).await.unwrap().taken_until, None);
    granted(store.claim(&key("secret"), &claim("next")).await.unwrap());
    assert_eq!(ask::<String>(&redis, &["GET", LEASE]), "2 next");
    let left: u64 = ask(&redis, &["PTTL", LEASE]);
    assert!(left <= 20_000, "{left}");
}

/// Uses the ACL user of docs/token.md.
#[tokio::test]
async fn the_documented_rights_are_enough_and_a_database_asks_for_one_more() {
    let redis = Redis::start();
    let words = ["ACL", "SETUSER", "shop", "on", ">password", "~weifen:*", "-@all", "+get", "+set", "+del", "+pttl"];
    tell(&redis, &words);
    tell(&redis, &["ACL", "SETUSER", "shop", "+eval"]);
    let url = redis.url().replace("//", "//shop:password@");
    let opened = |database: &str| RedisStore::new(&format!("{url}{database}")).unwrap();

    let store = opened("/0");
    let lease = granted(store.claim(&key("secret"), &claim("holder")).await.unwrap());
    store.save(&key("secret"), &lease, &token("=a-token", &lease)).await.unwrap();

    let error = opened("/3").load(&key("secret"), clock().wall()).await.unwrap_err();
    assert!(matches!(fault(&error), RedisFault::Permission), "{}", printed(&error));
    assert!(printed(&error).contains("SELECT if the URL names a database"), "{}", printed(&error));

    tell(&redis, &["ACL", "SETUSER", "shop", "+select"]);
    granted(opened("/3").claim(&key("secret"), &claim("holder")).await.unwrap());
    let error = opened("/1000").load(&key("secret"), clock().wall()).await.unwrap_err();
    assert!(matches!(fault(&error), RedisFault::Database { database: 1000 }), "{}", printed(&error));
}

#[test]
fn a_store_outlives_the_runtimes_that_use_it() {
    let redis = Redis::start();
    let store = open(&redis);
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let claimed = runtime.block_on(store.claim(&key("secret"), &claim("holder"))).unwrap();
        runtime.block_on(store.fail(&key("secret"), &granted(claimed))).unwrap();
        tell(&redis, &["DEL", RECORD]);
    }
}

#[tokio::test]
async fn a_password_opens_it_and_is_never_printed() {
    let redis = Redis::with_password("pass/word canary");
    let url = |login: &str| redis.url().replace("//", &format!("//{login}@"));
    let right = RedisStore::new(&url(":pass%2Fword%20canary")).unwrap();
    right.load(&key("secret"), clock().wall()).await.unwrap();
    let named = RedisStore::new(&url("default:pass%2Fword%20canary")).unwrap();
    named.load(&key("secret"), clock().wall()).await.unwrap();
    assert!(!format!("{right:?}").contains("canary"), "{right:?}");

    for wrong in [url(":wrong-canary"), url("nobody:wrong-canary"), redis.url(), format!("{}/2", redis.url())] {
        let store = RedisStore::new(&wrong).unwrap();
        let error = store.load(&key("secret"), clock().wall()).await.unwrap_err();
        assert!(matches!(fault(&error), RedisFault::Authentication), "{}", printed(&error));
        let printed = format!("{store:?} {}", printed(&error));
        assert!(printed.contains("password") && !printed.contains("canary"), "{printed}");
    }
}

#[tokio::test]
async fn over_tls_a_server_is_trusted_for_its_certificate() {
    let redis = Redis::start();
    let made_for = |name: &str| rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let (made, of_another) = (made_for("127.0.0.1"), made_for("another.example"));
    let port = encrypting(&made, redis.port()).await;
    let anothers = encrypting(&of_another, redis.port()).await;

    let trusting = RedisStore::with_ca_pem(&format!("rediss://127.0.0.1:{port}"), made.cert.pem().as_bytes()).unwrap();
    granted(trusting.claim(&key("secret"), &claim("holder")).await.unwrap());
    assert_eq!(open(&redis).load(&key("secret"), clock().wall()).await.unwrap().fetches_today, 1);

    for (url, ca_pem) in [
        (format!("rediss://127.0.0.1:{port}"), None),
        (format!("rediss://127.0.0.1:{anothers}"), Some(of_another.cert.pem())),
        (format!("rediss://127.0.0.1:{}", redis.port()), Some(made.cert.pem())),
    ] {
        let store = match ca_pem {
            Some(pem) => RedisStore::with_ca_pem(&url, pem.as_bytes()).unwrap(),
            None => RedisStore::new(&url).unwrap(),
        };
        let error = store.load(&key("secret"), clock().wall()).await.unwrap_err();
        assert!(matches!(fault(&error), RedisFault::Tls(_)), "{}", printed(&error));
        assert!(error.to_string().starts_with(&url), "{error}");
    }
    assert!(RedisStore::with_ca_pem("rediss://localhost", b"no certificate").is_err());
}

/// A port of 127.0.0.1 that speaks TLS and forwards to the plain port.
async fn encrypting(made: &rcgen::CertifiedKey<rcgen::KeyPair>, port: u16) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let private_key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], private_key).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let encrypted = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut inner = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            // A client that doesn't trust the certificate hangs up.
            if let Ok(mut outer) = acceptor.accept(stream).await {
                let _ = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
            }
        }
    });
    encrypted
}

#[tokio::test]
async fn a_server_that_stands_still_ends_in_an_error_and_works_when_it_goes_on() {
    let redis = Redis::start();
    let store = open(&redis);
    let server = ask::<String>(&redis, &["INFO", "server"]);
    let pid = server.lines().find_map(|line| line.strip_prefix("process_id:")).unwrap().parse().unwrap();

    signal::send(pid, Signal::STOP).unwrap();
    let outcome = store.claim(&key("secret"), &claim("holder")).await;
    signal::send(pid, Signal::CONT).unwrap();
    assert!(matches!(fault(&outcome.unwrap_err()), RedisFault::TimedOut { .. }));
    tell(&redis, &["FLUSHALL"]);
    granted(store.claim(&key("secret"), &claim("holder")).await.unwrap());
}

/// Brings about each fault of a Redis that answers.
#[tokio::test]
async fn what_is_wrong_with_a_redis_is_told_and_nothing_is_changed() {
    let redis = Redis::start();
    let store = open(&redis);
    let lease = granted(store.claim(&key("secret"), &claim("holder")).await.unwrap());
    store.save(&key("secret"), &lease, &token("=token-canary", &lease)).await.unwrap();
    let before = ask::<Vec<String>>(&redis, &["MGET", RECORD, LEDGER]);
    let next = token("=token-canary-2", &Lease { generation: 2, ..lease.clone() });
    let replace = Claim { replaces: 1, ..claim("holder") };

    let cases: [(&[&str], &[&str], RedisFault, StoreErrorKind); 4] = [
        (
            &["CONFIG", "SET", "maxmemory", "1"],
            &["CONFIG", "SET", "maxmemory", "0"],
            RedisFault::OutOfMemory,
            StoreErrorKind::Unavailable,
        ),
        (
            &["CONFIG", "SET", "min-replicas-to-write", "1"],
            &["CONFIG", "SET", "min-replicas-to-write", "0"],
            RedisFault::CannotPersist,
            StoreErrorKind::Unavailable,
        ),
        (
            &["REPLICAOF", "127.0.0.1", "1"],
            &["REPLICAOF", "NO", "ONE"],
            RedisFault::ReadOnly,
            StoreErrorKind::Unavailable,
        ),
        (
            &["ACL", "SETUSER", "default", "-eval"],
            &["ACL", "SETUSER", "default", "+eval"],
            RedisFault::Permission,
            StoreErrorKind::Unusable,
        ),
    ];
    for (break_it, repair, expected, kind) in cases {
        tell(&redis, break_it);
        let stored = store.load(&key("secret"), clock().wall()).await.unwrap();
        assert_eq!(stored.token.unwrap().generation(), 1, "what can be read is read");
        let claimed = store.claim(&key("secret"), &replace).await.unwrap_err();
        let saved = store.save(&key("secret"), &lease, &next).await.unwrap_err();
        for error in [claimed, saved] {
            assert_eq!(fault(&error).to_string(), expected.to_string(), "{break_it:?}");
            assert_eq!(error.kind(), kind, "{break_it:?}");
            assert!(!printed(&error).contains("canary"), "{}", printed(&error));
        }
        tell(&redis, repair);
        assert_eq!(ask::<Vec<String>>(&redis, &["MGET", RECORD, LEDGER]), before, "{break_it:?} left a change");
        assert_eq!(ask::<u32>(&redis, &["EXISTS", LEASE]), 0, "{break_it:?} left a right to fetch");
    }
    granted(store.claim(&key("secret"), &replace).await.unwrap());
}

#[tokio::test]
async fn a_redis_that_takes_no_more_clients_may_be_tried_again() {
    use std::io::{Read, Write};

    let redis = Redis::start();
    tell(&redis, &["CONFIG", "SET", "maxclients", "1"]);
    let client = std::net::TcpStream::connect(("127.0.0.1", redis.port())).unwrap();
    // The answer shows that this client holds the only place.
    (&client).write_all(b"PING\r\n").unwrap();
    (&client).read_exact(&mut [0; 7]).unwrap();
    let error = open(&redis).load(&key("secret"), clock().wall()).await.unwrap_err();
    // Redis sends the error and closes the connection; the client may notice the closing first.
    assert!(matches!(fault(&error), RedisFault::NotReady | RedisFault::Closed), "{}", printed(&error));
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
}

#[tokio::test]
async fn a_key_that_another_program_wrote_is_named_and_not_quoted() {
    let redis = Redis::start();
    let store = open(&redis);
    let foreign: [(&[&str], &str); 6] = [
        (&["SET", RECORD, r#"{"token": {"access_token": "canary", "generation": "canary"}}"#], RECORD),
        (&["SET", RECORD, "canary"], RECORD),
        (&["SET", LEDGER, r#"{"canary": 1}"#], LEDGER),
        (&["RPUSH", RECORD, "canary"], RECORD),
        (&["RPUSH", LEDGER, "canary"], LEDGER),
        (&["SET", LEASE, "canary"], LEASE),
    ];
    for (write, name) in foreign {
        tell(&redis, write);
        let error = store.claim(&key("secret"), &claim("holder")).await.unwrap_err();
        assert!(matches!(fault(&error), RedisFault::NotOurs { key } if key == name), "{}", printed(&error));
        assert!(!printed(&error).contains("canary"), "{}", printed(&error));
        tell(&redis, &["FLUSHALL"]);
    }
    granted(store.claim(&key("secret"), &claim("holder")).await.unwrap());
}
