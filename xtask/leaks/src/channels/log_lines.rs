//! The full log of a program: our crates and all their dependencies, at TRACE, by `tracing` and by `log`.

use std::fmt::{self, Write};
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use weifen::inbox::{Ack, AckOutcome, AckResult, DispatchPolicy, HandlerError};
use weifen::transport::{Transport, TransportError};

use super::inbox_site::InboxSite;
use super::{Stage, block_on};
use crate::calls;
use crate::canary::Secret;
use crate::capture::{Capture, displayed, told};
use crate::vendor::{Manner, Vendor};

static LINES: Mutex<String> = Mutex::new(String::new());

/// Keeps the log lines of all threads.
struct Lines;

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    // Both are set already when a planted leak is searched for.
    let _ = tracing::subscriber::set_global_default(Lines);
    let _ = log::set_boxed_logger(Box::new(Lines));
    log::set_max_level(log::LevelFilter::Trace);
    LINES.lock().unwrap_or_else(PoisonError::into_inner).clear();
    let mut capture = block_on(calls_and_pushes(stage))?;
    let lines = std::mem::take(&mut *LINES.lock().unwrap_or_else(PoisonError::into_inner));
    let logged = ["reqwest", "hyper_util", "sqlx", "rustls", "weifen_inbox"];
    if !stage.is_planted {
        let missing: Vec<_> = logged.iter().filter(|name| !lines.contains(&format!("\n{name}"))).collect();
        anyhow::ensure!(missing.is_empty(), "nothing was logged by {missing:?}");
    }
    capture.add("the log", lines);
    Ok(capture)
}

async fn calls_and_pushes(stage: Stage) -> Result<Capture> {
    let mut capture = Capture::default();
    let manners = if stage.is_planted { &Manner::all()[..1] } else { Manner::all() };
    let leaky: fn(Arc<dyn Transport>) -> Arc<dyn Transport> = |transport| Arc::new(Planted(transport));
    let through = if stage.is_planted { leaky } else { |transport| transport };
    for visit in calls::everywhere(manners, through).await? {
        capture.signatures.extend(visit.signatures);
    }
    // A handshake that fails.
    let vendor = Vendor::start(Manner::Answers, true)?;
    let url = vendor.url().replace("http:", "https:");
    let token = calls::weiting(&url, calls::transport(Manner::Silent)?).build()?.access_token().await;
    anyhow::ensure!(token.is_err(), "the handshake came to something");
    if !stage.is_planted {
        let site = InboxSite::open().await?;
        site.live(&mut capture).await?;
        not_taken(&site).await?;
    }
    Ok(capture)
}

/// A consumer claims an event, and says in its own words why it did not take it.
async fn not_taken(site: &InboxSite) -> Result<()> {
    let pull = site.inbox.pulling(DispatchPolicy::default())?;
    pull.begin().await?;
    site.book("refused").await?;
    site.push(calls::push("refused")).await?;
    let claimed = pull.claim(1, Duration::from_secs(60), ready(())).await?;
    let delivery = claimed.into_iter().next().context("nothing is claimed")?;
    let outcome = AckOutcome::NotTaken(HandlerError::retry(Secret::AckError.value()));
    let results = pull.acknowledge(vec![Ack { id: delivery.id, lease: delivery.lease, outcome }]).await?;
    anyhow::ensure!(results == [AckResult::Done], "it was not acknowledged");
    Ok(())
}

/// The planted leak: logs the URL of each request, with its query.
#[derive(Debug)]
struct Planted(Arc<dyn Transport>);

#[async_trait]
impl Transport for Planted {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        tracing::trace!(uri = %request.uri(), "sending");
        self.0.send(request).await
    }
}

impl Lines {
    fn line(metadata: &Metadata<'_>, record: impl FnOnce(&mut Fields)) {
        let mut fields = Fields(String::new());
        record(&mut fields);
        Self::push(&format!("\n{} {} {}", metadata.target(), metadata.name(), fields.0));
    }

    fn push(line: &str) {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push_str(line);
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        Self::line(span.metadata(), |fields| span.record(fields));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        Self::push(&fields.0);
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        Self::line(event.metadata(), |fields| event.record(fields));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        Self::push(&format!("\n{} {}", record.target(), record.args()));
    }
    fn flush(&self) {}
}

/// The fields of a line.
struct Fields(String);

impl Visit for Fields {
    fn record_error(&mut self, field: &Field, error: &(dyn std::error::Error + 'static)) {
        let _ = write!(self.0, "{field}={} ", told(error));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, "{field}={} ", displayed(value));
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, "{field}={value:?} ");
    }
}
