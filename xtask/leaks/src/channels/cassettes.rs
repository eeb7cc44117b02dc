//! Cassettes of live vendors, which are committed: the recording of every call, with every kind of answer.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::task::JoinSet;
use weifen::transport::cassette::{Allowed, Cassette, Inputs, RecordError, Recorder, Replay};
use weifen::transport::{BaseUrl, Plaintext, Transport};

use super::{Stage, block_on};
use crate::calls::{self, Called};
use crate::canary::planted;
use crate::capture::{Capture, debugged, told};
use crate::vendor::{Manner, Vendor};

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    block_on(async {
        let mut capture = Capture::default();
        let manners = if stage.is_planted { &Manner::all()[..1] } else { Manner::all() };
        let mut recordings = JoinSet::new();
        for manner in manners.iter().copied() {
            for list in lists() {
                recordings.spawn(record(stage, manner, list));
            }
        }
        for recorded in recordings.join_all().await {
            capture.extend(recorded?);
        }
        Ok(capture)
    })
}

/// Allow lists of both vendors. Each cassette is made under its own, as a joint list would keep more.
fn lists() -> [(&'static str, Allowed); 2] {
    [("weiting", weifen::weiting::cassette::allowed()), ("fensi", weifen::fensi::cassette::allowed())]
}

async fn record(stage: Stage, manner: Manner, (vendor_name, allowed): (&'static str, Allowed)) -> Result<Capture> {
    let mut capture = Capture::default();
    let vendor = Vendor::start(manner, false)?;
    let real = calls::transport(manner)?;
    let inputs =
        planted().iter().fold(Inputs::new(), |inputs, secret| inputs.with_text(secret.to_string(), secret.value()));
    capture.add("inputs", debugged(&inputs));
    let recorder = if stage.is_planted {
        // The planted leak: recorded as from a sandbox, whose credentials are made up.
        Recorder::sandbox(real, "leaks", inputs)
    } else {
        Recorder::live(real, "leaks", &inputs, allowed.clone())
    };
    let recorder = Arc::new(recorder.below(&BaseUrl::new(&vendor.url(), Plaintext::Refused)?));
    let transport: Arc<dyn Transport> = recorder.clone();
    calls::all(&vendor.url(), &transport).await?;
    capture.signatures = vendor.signatures();
    capture.add("a recorder", debugged(&recorder));
    let from = format!("a cassette of {vendor_name}, from a vendor that {manner:?}");
    match recorder.finish() {
        Ok(cassette) => {
            capture.add(from.clone(), debugged(&cassette));
            capture.add(from, cassette.to_text());
            replay(&mut capture, &cassette, allowed).await?;
        }
        // A cassette holds whole replies only.
        Err(error @ RecordError::NoReply(_)) => capture.add(from, told(&error)),
        Err(error) => return Err(error).context(from),
    }
    Ok(capture)
}

/// Replays with other values: the error names the differences, and shows no value.
async fn replay(capture: &mut Capture, cassette: &Cassette, allowed: Allowed) -> Result<()> {
    let again = Cassette::parse(Path::new("live.json"), cassette.to_text().as_bytes())?;
    let replay = Arc::new(Replay::new(again, allowed));
    let transport: Arc<dyn Transport> = replay.clone();
    for Called { outcome, .. } in calls::all("http://127.0.0.1:9", &transport).await? {
        capture.add("a replayed call", outcome.unwrap_or_else(|error| told(&error)));
    }
    capture.add("a replay", debugged(&replay));
    if let Err(error) = replay.finish() {
        capture.add("a replay's error", told(&error));
    }
    Ok(())
}
