//! The store in Redis, against servers that are no Redis.

use std::error::Error;
use std::io::Write;
use std::time::{Duration, SystemTime};

use weifen_transport::testing::{Connection, RawServer};
use weifen_weiting::token::{RedisFault, RedisStore, TokenStore};

use crate::fetching::key;

#[tokio::test]
async fn what_answers_but_is_no_redis_is_told_from_what_hangs_up() {
    for (answer, expected) in [("HTTP/1.1 400 Bad Request\r\n\r\n", "not Redis"), ("", "closed before the answer")] {
        let server = RawServer::start(move |connection| {
            connection.wait()?;
            connection.write_all(answer.as_bytes())
        });
        let server = server.unwrap();
        let store = RedisStore::new(&format!("redis://{}", server.address())).unwrap();
        let error = store.load(&key("secret"), SystemTime::UNIX_EPOCH).await.unwrap_err();
        let fault: &RedisFault = error.source().unwrap().downcast_ref().unwrap();
        assert!(fault.to_string().contains(expected), "{fault}");
    }
}

#[tokio::test]
async fn what_accepts_and_says_nothing_is_waited_for_no_longer_than_the_limit() {
    let silent = RawServer::start(Connection::hang).unwrap();
    for scheme in ["redis", "rediss"] {
        let url = format!("{scheme}://{}", silent.address());
        let store = RedisStore::new(&url).unwrap().at_most(Duration::from_millis(300));
        let error = store.load(&key("secret"), SystemTime::UNIX_EPOCH).await.unwrap_err();
        let fault: &RedisFault = error.source().unwrap().downcast_ref().unwrap();
        match scheme {
            "redis" => {
                assert!(fault.to_string().starts_with("timed out after 0.3 s waiting for an answer;"), "{fault}");
            }
            _ => assert!(fault.to_string().starts_with("no TLS: timed out connecting;"), "{fault}"),
        }
    }
}

/// Covers a text, a list, errors, replies to nothing, and nested lists, each without end.
#[tokio::test]
async fn of_a_server_that_sends_without_end_no_more_is_read_than_a_store_needs() {
    let head = |text: &str| text.to_owned();
    for (begin, more) in [
        (head("$1999999999\r\n"), "x"),
        (head("*1999999999\r\n"), ":1\r\n"),
        (head("-ERR "), "x"),
        (String::new(), "+OK\r\n"),
        (String::new(), "*9\r\n"),
        ("*1\r\n".repeat(90), "*1999999999\r\n"),
    ] {
        let server = RawServer::start(move |connection| {
            connection.wait()?;
            connection.write_all(begin.as_bytes())?;
            connection.flood(more.repeat(8192).as_bytes(), usize::MAX)
        });
        let server = server.unwrap();
        let store = RedisStore::new(&format!("redis://{}/1", server.address())).unwrap();
        let error = store.load(&key("secret"), SystemTime::UNIX_EPOCH).await.unwrap_err();
        let fault: &RedisFault = error.source().unwrap().downcast_ref().unwrap();
        let is_bounded = matches!(fault, RedisFault::TooLarge { .. } | RedisFault::NotRedis);
        assert!(is_bounded, "{more:?}: {fault}");
    }
}
