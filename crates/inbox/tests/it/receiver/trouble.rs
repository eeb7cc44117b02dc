//! A database that can't be written to.

use super::Site;
use crate::support::push;

#[tokio::test]
async fn what_can_not_be_stored_is_not_acknowledged_and_all_is_well_afterwards() {
    let site = Site::new().await;
    let lock = site.lock().await;
    let answer = site.post(&push("u")).await;
    assert_eq!((answer.status, answer.body.as_str()), (503, ""));
    assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
    assert_eq!(site.post("<html>").await.status, 503, "what belongs into quarantine is not there either");
    assert!(site.inbox.events(None, 0).await.unwrap().is_empty());
    lock.release().await;
    assert_eq!(site.post(&push("u")).await.status, 200);
    assert_eq!(site.post("<html>").await.status, 200);
    assert_eq!(site.looked_at_by_another().await.events(None, 0).await.unwrap().len(), 1);
    assert_eq!(site.looked_at_by_another().await.quarantined(0).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_comes_after_the_inbox_was_closed_is_not_acknowledged() {
    let site = Site::new().await;
    site.inbox.close().await;
    assert_eq!(site.post(&push("u")).await.status, 503);
}
