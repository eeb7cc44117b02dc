//! Panics in implementations that a program passes in, with messages that hold all their arguments. The message
//! belongs to the program; no text of ours may repeat it, nor what the inbox stores of a failure.

use std::panic;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tokio::task::JoinError;
use weifen::fensi::{Booking, Bookings, NonceSource};
use weifen::inbox::{FollowEvent, Handler, HandlerError, IdempotencyKey};
use weifen::proto::Vendor as ProtoVendor;
use weifen::transport::{
    CallError, Clock, Drift, DriftObserver, Jitter, ReqwestTransport, StoreError, Transport, TransportError,
};
use weifen::weiting::AccessToken;
use weifen::weiting::token::store::{Claim, ClaimOutcome, Lease, SaveOutcome, Stored};
use weifen::weiting::token::{Token, TokenFetcher, TokenKey, TokenStore};

use super::inbox_site::InboxSite;
use super::{Stage, block_on};
use crate::calls;
use crate::canary::planted;
use crate::capture::{Capture, debugged, told};
use crate::vendor::{Manner, Vendor};

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    // The message of a panic is the program's own, and its hook prints it.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let capture = block_on(clients_and_inbox(stage));
    panic::set_hook(hook);
    capture
}

/// Panics in every method, with all arguments in the message.
#[derive(Debug)]
struct Panics;

#[allow(clippy::panic, reason = "it is what this is for")]
fn panics() -> ! {
    panic!("{}", planted().iter().map(|secret| secret.value()).collect::<Vec<_>>().join(" "))
}

#[async_trait]
impl Transport for Panics {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        panics()
    }
}

#[async_trait]
impl TokenFetcher for Panics {
    async fn fetch(&self) -> Result<AccessToken, CallError> {
        panics()
    }
}

#[async_trait]
impl TokenStore for Panics {
    async fn load(&self, _: &TokenKey, _: SystemTime) -> Result<Stored, StoreError> {
        panics()
    }
    async fn claim(&self, _: &TokenKey, _: &Claim) -> Result<ClaimOutcome, StoreError> {
        panics()
    }
    async fn save(&self, _: &TokenKey, _: &Lease, _: &Token) -> Result<SaveOutcome, StoreError> {
        panics()
    }
    async fn fail(&self, _: &TokenKey, _: &Lease) -> Result<(), StoreError> {
        panics()
    }
    async fn reject(&self, _: &TokenKey, _: u64) -> Result<(), StoreError> {
        panics()
    }
}

impl Clock for Panics {
    fn wall(&self) -> SystemTime {
        panics()
    }
    fn elapsed(&self) -> Duration {
        panics()
    }
}

impl Jitter for Panics {
    fn fraction(&self) -> f64 {
        panics()
    }
}

impl NonceSource for Panics {
    fn nonce(&self) -> String {
        panics()
    }
}

#[async_trait]
impl Bookings for Panics {
    async fn book(&self, _: &Booking) -> Result<(), StoreError> {
        panics()
    }
}

impl DriftObserver for Panics {
    fn drifted(&self, _: ProtoVendor, _: &'static str, _: &Drift) {
        panics()
    }
}

#[async_trait]
impl Handler for Panics {
    async fn handle(&self, _: &FollowEvent, _: &IdempotencyKey) -> Result<(), HandlerError> {
        panics()
    }
}

/// The planted leak: a handler whose error names the follower, and is stored with the event.
#[derive(Debug)]
struct Planted;

#[async_trait]
impl Handler for Planted {
    async fn handle(&self, event: &FollowEvent, _: &IdempotencyKey) -> Result<(), HandlerError> {
        Err(HandlerError::give_up(event.push.nickname.clone()))
    }
}

async fn clients_and_inbox(stage: Stage) -> Result<Capture> {
    let mut capture = Capture::default();
    let site = InboxSite::open().await?;
    site.book("user").await?;
    site.push(calls::push("user")).await?;
    let dispatcher = site.dispatch(if stage.is_planted { Arc::new(Planted) } else { Arc::new(Panics) })?;
    site.until_settled().await?;
    dispatcher.stop(Duration::from_secs(5)).await;
    for event in site.inbox.events(None, 0).await? {
        anyhow::ensure!(event.last_failure.is_some(), "the handler was not asked");
        capture.add("an event's last failure", debugged(&event.last_failure));
        capture.add("an event", debugged(&event));
    }
    capture.add("the metrics", site.page("/metrics").await?);
    if stage.is_planted {
        return Ok(capture);
    }
    let vendor = Vendor::start(Manner::OddFields, false)?;
    let url = vendor.url();
    let real: Arc<dyn Transport> = Arc::new(ReqwestTransport::new()?);
    let weiting = || calls::weiting(&url, real.clone());
    let fensi = || calls::fensi(&url, real.clone());
    for (from, client) in [
        ("a transport", calls::weiting(&url, Arc::new(Panics)).build()?),
        ("a fetcher", weiting().token_fetcher(Arc::new(Panics)).build()?),
        ("a token store", weiting().token_store(Arc::new(Panics)).build()?),
        ("a clock", weiting().clock(Arc::new(Panics)).build()?),
        ("chance", weiting().jitter(Arc::new(Panics)).build()?),
        ("an observer of drift", weiting().drift_observer(Arc::new(Panics)).build()?),
    ] {
        let request = calls::order_report()?;
        add(&mut capture, from, tokio::spawn(async move { client.call(&request).await.map(drop) }).await)?;
    }
    for (from, client) in [
        ("a transport, signed", calls::fensi(&url, Arc::new(Panics)).build()?),
        ("a clock, signed", fensi().clock(Arc::new(Panics)).build()?),
        ("nonces", fensi().nonces(Arc::new(Panics)).build()?),
        ("bookings", fensi().bookings(Arc::new(Panics)).build()?),
        ("an observer of drift, signed", fensi().drift_observer(Arc::new(Panics)).build()?),
    ] {
        let request = calls::qrcode()?;
        add(&mut capture, from, tokio::spawn(async move { client.qrcode(&request).await.map(drop) }).await)?;
    }
    capture.signatures.extend(vendor.signatures());
    Ok(capture)
}

/// Adds the outcome of a call in a task of its own: an error of ours, where the panic happened in a task of ours, or
/// the program's own panic, with its message.
fn add(capture: &mut Capture, from: &str, outcome: Result<Result<(), CallError>, JoinError>) -> Result<()> {
    match outcome {
        Ok(Ok(())) => anyhow::bail!("{from} was not asked"),
        Ok(Err(error)) => capture.add(format!("{from} that panics"), told(&error)),
        Err(error) => anyhow::ensure!(error.is_panic(), "{from} was cancelled"),
    }
    Ok(())
}
