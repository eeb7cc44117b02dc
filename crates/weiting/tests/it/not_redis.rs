//! The store in Redis, against what is no Redis.

use std::error::Error;
use std::time::SystemTime;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use weifen_weiting::token::{RedisFault, RedisStore, TokenStore};

use crate::fetching::key;

#[tokio::test]
async fn what_answers_but_is_no_redis_is_told_from_what_hangs_up() {
    for (answer, expected) in [("HTTP/1.1 400 Bad Request\r\n\r\n", "no Redis"), ("", "closed before the answer")] {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let store = RedisStore::new(&format!("redis://{}", listener.local_addr().unwrap())).unwrap();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _question = stream.read(&mut [0; 1024]).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            // A connection that is closed with something unread loses the answer.
            let _rest = stream.read_to_end(&mut Vec::new()).await;
        });
        let error = store.load(&key("secret"), SystemTime::UNIX_EPOCH).await.unwrap_err();
        let fault: &RedisFault = error.source().unwrap().downcast_ref().unwrap();
        assert!(fault.to_string().contains(expected), "{fault}");
        served.await.unwrap();
    }
}
