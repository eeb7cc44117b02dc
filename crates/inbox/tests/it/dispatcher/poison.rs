//! Events that nobody can take must not keep the others from being taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use weifen_inbox::{DispatchPolicy, HandlerError, Status};

use super::{quick, start};
use crate::scripted::Scripted;
use crate::support::{paying_inbox, push, receive, until};

/// A call that hangs, counted while it does.
struct Hanging(Arc<AtomicUsize>);

impl Hanging {
    fn begin(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count.clone())
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn poison_that_hangs_leaves_half_of_the_workers_to_others() {
    let (_folder, inbox) = paying_inbox().await;
    let (hanging, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = (hanging.clone(), most.clone());
    let handler = Scripted::new(move |event| {
        let (hanging, most) = counted.clone();
        async move {
            if !event.push.auth_open_id.as_str().starts_with("poison") {
                return Ok(());
            }
            if event.attempt == 1 {
                return Err(HandlerError::retry("poison"));
            }
            let _hanging = Hanging::begin(&hanging);
            most.fetch_max(hanging.load(Ordering::SeqCst), Ordering::SeqCst);
            std::future::pending().await
        }
    });
    for poison in 0..20 {
        receive(&inbox, &push(&format!("poison-{poison}"))).await;
    }
    let _dispatcher = start(&inbox, &handler, DispatchPolicy { workers: 4, ..quick() });
    until("poison hangs", async || hanging.load(Ordering::SeqCst) == 2).await;
    for user in 0..50 {
        receive(&inbox, &push(&format!("good-{user}"))).await;
    }
    let good = async || inbox.events(Some(Status::Delivered), 0).await.unwrap().len() == 50;
    until("all good ones are taken", good).await;
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn poison_dies_among_good_events_that_are_all_taken() {
    let (_folder, inbox) = paying_inbox().await;
    let handler = Scripted::new(async |event| match event.push.auth_open_id.as_str() {
        "poison-panics" => panic!("poison"),
        "poison-fails" => Err(HandlerError::retry("poison")),
        _ => Ok(()),
    });
    let _dispatcher = start(&inbox, &handler, DispatchPolicy { workers: 2, max_attempts: 5, ..quick() });
    receive(&inbox, &push("poison-panics")).await;
    receive(&inbox, &push("poison-fails")).await;
    for user in 0..50 {
        receive(&inbox, &push(&format!("good-{user}"))).await;
    }
    let settled = async || inbox.events(Some(Status::Pending), 0).await.unwrap().is_empty();
    until("all are settled", settled).await;
    assert_eq!(inbox.events(Some(Status::Dead), 0).await.unwrap().len(), 2);
    assert_eq!(inbox.events(Some(Status::Delivered), 0).await.unwrap().len(), 50);
}
