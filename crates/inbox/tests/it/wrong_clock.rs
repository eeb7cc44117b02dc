//! A machine whose clock was wrong by years.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use weifen_fensi::transport::async_trait;
use weifen_inbox::{Dispatcher, FollowEvent, Handler, HandlerError, IdempotencyKey, Inbox, Unsolicited};
use weifen_transport::mock::ManualClock;

use crate::support::{Folder, push, receive, rules};

/// In the year 2100.
const FAR_AWAY: u64 = 4_102_444_800;

#[derive(Debug)]
struct Taking(mpsc::UnboundedSender<String>);

#[async_trait]
impl Handler for Taking {
    async fn handle(&self, event: &FollowEvent, _: &IdempotencyKey) -> Result<(), HandlerError> {
        self.0.send(event.push.auth_open_id.to_string()).map_err(|_| HandlerError::retry("nobody is there"))
    }
}

#[tokio::test]
async fn what_came_in_the_far_future_is_delivered_once_the_clock_is_right() {
    let folder = Folder::new();
    let paying = || rules().unsolicited(Unsolicited::Pay);
    let clock = Arc::new(ManualClock::at(FAR_AWAY));
    let inbox = Inbox::builder(&folder.database(), paying()).clock(clock).open().await.unwrap();
    receive(&inbox, &push("u")).await;
    inbox.close().await;

    let inbox = folder.inbox_with(paying()).await;
    let (take, mut taken) = mpsc::unbounded_channel();
    let _deliveries = Dispatcher::builder(&inbox, Arc::new(Taking(take))).start().unwrap();
    let delivered = tokio::time::timeout(Duration::from_secs(60), taken.recv()).await;
    assert_eq!(delivered.expect("it is not delivered").unwrap(), "u");
}
