//! The example that serves with a handler of its own.

use weifen_server::Deliveries;
use weifen_server::weifen::inbox::Status;

use crate::setup::{Setup, push, pushed, until};

#[path = "../../examples/own_handler.rs"]
#[allow(dead_code, reason = "the example's `main` waits for Ctrl-C")]
mod own_handler;

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_a_push_and_hands_it_to_its_handler() {
    let setup = Setup::new();
    // Nothing else takes events here: one is delivered by the example's handler or not at all.
    let running = own_handler::serve(setup.config("unsolicited = 'pay'")).await.unwrap();
    assert_eq!(running.deliveries(), Deliveries::Handled);
    assert_eq!(pushed(&running, &push("u")).await, 200);
    until(&running, Status::Delivered).await;
    running.drain().await;
}
