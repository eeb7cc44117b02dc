//! The inbox, its events, its receiver and its dispatcher.

use std::any::type_name;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use secrecy::SecretSlice;
use weifen::fensi::{Booking, Bookings, Reference};
use weifen::inbox::{
    Ack, AckOutcome, AckResult, Admin, ClaimError, Database, DispatchPolicy, EventFilter, FollowEvent, Handler,
    HandlerError, IdempotencyKey, Inbox, Inspection, Packet, PushSecrets, QuarantineFilter, Receiver, Restored, Rules,
    ServerLimits, ServerLock, Webhook,
};
use weifen::transport::ReqwestTransport;
use weifen_server::{EventRow, QuarantineRow};

use super::super::inbox_site::InboxSite;
use super::{Shown, secret};
use crate::calls;
use crate::canary::Secret;
use crate::capture::debugged;

/// A handler that keeps the `Debug` of its events.
#[derive(Debug, Default)]
struct Keeps(Mutex<String>);

#[async_trait]
impl Handler for Keeps {
    async fn handle(&self, event: &FollowEvent, key: &IdempotencyKey) -> Result<(), HandlerError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = format!("{}{}", debugged(event), debugged(key));
        drop(kept);
        Err(HandlerError::give_up("not taken"))
    }
}

pub(super) async fn show(shown: &mut Shown) -> Result<()> {
    let site = InboxSite::open().await?;
    let (user, state) = ("user", Secret::PushState.value());
    let booking = Booking::new("a-developer", user.parse()?, "a-key", "wx-account", Duration::ZERO).state(state);
    let booking = booking.reference(Secret::Reference.value().parse()?);
    shown.value(&booking);
    shown.value(&Secret::Reference.value().parse::<Reference>()?);
    site.inbox.book(&booking).await?;
    site.push(Secret::PushName.value()).await?;
    shown.value(&site.intake.receive(calls::push("unsolicited")).await?);
    shown.value(&site.inbox.stats().await?);
    shown.value(&site.inbox.quarantined(0).await?[0]);
    shown.value(&QuarantineRow::from(site.inbox.quarantined(0).await?.remove(0)));
    shown.value(&Packet::new(Secret::PushName.value()).content_type(Secret::PushState.value()));
    shown.value(&QuarantineFilter::Id(1));
    shown.value(&site.intake.try_readmitting(QuarantineFilter::Id(1)).await?);
    tokio::time::sleep(Duration::from_millis(20)).await;
    shown.value(site.inbox.missing(Duration::ZERO).await?.first().context("no push is missing")?);
    site.book("another").await?;
    site.push(calls::push("another")).await?;
    let keeps = Arc::new(Keeps::default());
    let dispatcher = site.dispatch(keeps.clone())?;
    site.until_settled().await?;
    shown.value(&dispatcher);
    shown.value(&weifen::inbox::Dispatcher::builder(&site.inbox, keeps.clone()));
    dispatcher.stop(Duration::from_secs(5)).await;
    let kept = keeps.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    anyhow::ensure!(kept.contains("FollowEvent"), "no event was handed out");
    shown.add(type_name::<FollowEvent>(), kept);
    let events = site.inbox.events(None, 0).await?;
    let event = &events[0];
    shown.value(event);
    let told = events.iter().find_map(|event| event.booking.as_ref());
    shown.value(told.context("no event tells its booking")?);
    shown.value(site.inbox.bookings(None, None, i64::MAX, 10).await?.first().context("no booking is kept")?);
    shown.value(&event.key);
    shown.value(&EventRow::from(event.clone()));
    shown.value(&event.as_delivery().context("the event has no push")?);
    let mut tail = site.inbox.tail().await?;
    site.book("tailed").await?;
    site.push(calls::push("tailed")).await?;
    shown.value(tail.next().await?.first().context("nothing has changed")?);
    shown.value(&tail);
    shown.value(&site.inbox);
    shown.error(&HandlerError::retry("not taken"));
    let pull = site.inbox.pulling(DispatchPolicy::default())?;
    shown.value(&pull);
    pull.begin().await?;
    site.book("claims").await?;
    site.push(calls::push("claims")).await?;
    let claimed = pull.claim(1, Duration::from_secs(60), std::future::ready(())).await?;
    let delivery = claimed.first().context("nothing is claimed")?;
    shown.value(delivery);
    let outcome = AckOutcome::NotTaken(HandlerError::retry("not taken"));
    shown.value(&outcome);
    let ack = Ack { id: delivery.id, lease: delivery.lease.clone(), outcome };
    shown.value(&ack);
    let results = pull.acknowledge(vec![ack]).await?;
    shown.value::<AckResult>(results.first().context("no result")?);
    shown.error(&ClaimError::Handled);
    let rules = Rules::new("a-developer").keys(["a-key"]);
    shown.value(&rules);
    shown.value(&EventFilter::new().device("a-key"));
    let database = Database::postgres(format!("postgres://u:{}@127.0.0.1:9/d", Secret::DatabasePassword.value()));
    shown.value(&database);
    shown.value(&site.inbox.receiving(rules));
    let secrets = || PushSecrets::new([secret(Secret::PushSecret)]);
    shown.value(&secrets()?);
    shown.value(&Receiver::new(site.intake.clone(), secrets()?));
    shown.value(&site.server);
    shown.value(&ServerLimits::default());
    shown.value(&Admin::new(site.inbox.clone()).listen(site.server.local_addr()));
    let key = SecretSlice::from(Secret::DeliverSecret.value().into_bytes());
    shown.value(&Webhook::new(&Secret::DeliverUrl.value(), key, Arc::new(ReqwestTransport::new()?))?);
    let folder = tempfile::tempdir()?;
    let file = Database::sqlite(folder.path().join("inbox.db"));
    shown.value(&ServerLock::take(&file)?);
    shown.value(&Inspection::of(&site.database).await?);
    let backup = folder.path().join("backup.db");
    shown.value(&site.inbox.back_up(&backup).await?);
    shown.value(&Restored::from_backup(&Database::sqlite(folder.path().join("restored.db")), &backup).await?);
    let Err(error) = Restored::from_backup(&database, &backup).await else { anyhow::bail!("PostgreSQL is restored") };
    shown.error(&error);
    let Err(error) = Inbox::open(&file.existing()).await else { anyhow::bail!("it opens") };
    shown.error(&error);
    Ok(())
}
