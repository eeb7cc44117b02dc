//! With which parts a server starts.

use weifen_sandbox::Sandbox;
use weifen_server::Server;

use super::client::Request;
use super::service::{KEY, config, vendors};
use crate::setup::{Setup, push, pushed};

#[tokio::test(flavor = "multi_thread")]
async fn the_api_stands_beside_pushes() {
    let (setup, sandbox) = (Setup::new(), Sandbox::start().await.unwrap());
    let mut config = config(&setup, &vendors(&sandbox), "");
    let pushes = setup.config("");
    config.serve = pushes.serve;
    let running = Server::builder(config).start().await.unwrap();
    assert_eq!(pushed(&running, &push("u")).await, 200);
    Request::get("/v1/fensi/cities").key(KEY).send(running.api_address().unwrap()).await.ok();
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_there_is_no_api() {
    let setup = Setup::new();
    let running = Server::builder(setup.config("")).start().await.unwrap();
    assert_eq!(running.api_address(), None);
    running.drain().await;
}
