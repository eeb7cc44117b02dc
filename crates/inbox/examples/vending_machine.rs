//! Three pushes, of which one is a copy and one nobody asked for: one follow is paid.
//!
//! `cargo run -p weifen-inbox --example vending_machine`

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use weifen_inbox::transport::async_trait;
use weifen_inbox::{
    Booking, Bookings, Database, Dispatcher, FollowEvent, Handler, HandlerError, IdempotencyKey, Inbox, Rules, Status,
};

const DEVELOPER: &str = "jbh200453e0488d6";
const DEVICE: &str = "3e3add4a720c11e9ab2100163e0488d6";
const ACCOUNT: &str = "wx3cc413efaf3b1922";

#[derive(Debug)]
struct VendingMachine(mpsc::UnboundedSender<String>);

#[async_trait]
impl Handler for VendingMachine {
    async fn handle(&self, event: &FollowEvent, key: &IdempotencyKey) -> Result<(), HandlerError> {
        let goods = format!("{} followed, which pays {} ({key})", event.push.auth_open_id, event.push.bid);
        self.0.send(goods).map_err(|_| HandlerError::retry("the machine is switched off"))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let database = Database::sqlite(folder.path().join("inbox.db"));
    let inbox = Inbox::open(&database).await?;
    let booking = Booking::new(DEVELOPER, "alice".parse()?, DEVICE, ACCOUNT, Duration::from_secs(1020));
    inbox.book(&booking).await?;

    let intake = inbox.receiving(Rules::new(DEVELOPER).keys([DEVICE]));
    for user in ["alice", "alice", "mallory"] {
        println!("a push for {user}: {:?}", intake.receive(push(user)).await?);
    }

    let (machine, mut goods) = mpsc::unbounded_channel();
    let deliveries = Dispatcher::builder(&inbox, Arc::new(VendingMachine(machine))).start()?;
    println!("{}", goods.recv().await.unwrap_or_default());
    deliveries.stop(Duration::from_secs(1)).await;

    let held = inbox.events(Some(Status::Held), 0).await?;
    println!("{} waits for a person: inbox.release({})", held.len(), held[0].id);
    Ok(())
}

fn push(user: &str) -> String {
    format!(
        r#"{{"key": "{DEVICE}", "develop_appid": "{DEVELOPER}", "auth_open_id": "{user}", "bidding": 90,
            "appid": "{ACCOUNT}", "nickname": "",}}"#
    )
}
