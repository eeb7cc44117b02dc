//! The store in Redis, against servers of the tests' own.

use std::sync::Arc;

use weifen_weiting::token::{RedisStore, token_store_conformance};
use xtask_services::Redis;

fn ask<T: redis::FromRedisValue>(redis: &Redis, words: &[&str]) -> T {
    let mut connection = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    let mut command = redis::Cmd::new();
    command.arg(words);
    command.query(&mut connection).unwrap()
}

#[tokio::test]
async fn the_redis_store_keeps_every_promise() {
    let redis = Redis::start();
    token_store_conformance(|| {
        ask::<()>(&redis, &["FLUSHALL"]);
        Arc::new(RedisStore::new(&redis.url()).unwrap())
    })
    .await;
}
