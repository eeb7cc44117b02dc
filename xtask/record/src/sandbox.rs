//! Records against sandboxes that are the same on every run: a new one for each scenario, with a standing clock.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use jiff::Timestamp;
use weifen_sandbox::Sandbox;
use weifen_transport::cassette::{Cassette, Recorder, Scenario, Stage};
use weifen_transport::{BaseUrl, HyperTransport, Plaintext, ReqwestTransport, Transport};

use crate::record::record;
use crate::vendor::{TIMESTAMP, Vendor};

const MADE_BY: &str = "cargo xtask record";
/// Start of the sandbox's links. It leads nowhere, and does not depend on the sandbox's port.
const PUBLIC_URL: &str = "https://sandbox.invalid";
/// Daily limit of token fetches, low enough for a scenario to reach it.
const TOKENS_A_DAY: u32 = 2;

/// Records all scenarios over each transport; returns the cassettes by name.
pub(crate) async fn record_all(vendor: &Vendor) -> Result<Vec<(&'static str, Cassette)>> {
    let reqwest: Arc<dyn Transport> = Arc::new(ReqwestTransport::new()?);
    let hyper: Arc<dyn Transport> = Arc::new(HyperTransport::new()?);
    let mut cassettes = Vec::new();
    for scenario in &vendor.scenarios {
        let cassette = record_over(&reqwest, vendor, scenario).await?;
        let other = record_over(&hyper, vendor, scenario).await?;
        ensure!(cassette.to_text() == other.to_text(), "{}: its cassette depends on the transport", scenario.name);
        cassettes.push((scenario.name, cassette));
    }
    Ok(cassettes)
}

async fn record_over(transport: &Arc<dyn Transport>, vendor: &Vendor, scenario: &Scenario) -> Result<Cassette> {
    let sandbox = Arc::new(start().await?);
    if let Some(code) = vendor.first_code {
        consent(&sandbox, &**transport, code).await?;
    }
    let inputs = (vendor.test_credentials)(&sandbox).with_all(&scenario.inputs);
    let base_url = BaseUrl::new(&sandbox.weiting_base_url(), Plaintext::Refused)?;
    let recorder = Recorder::sandbox(transport.clone(), MADE_BY, inputs.clone()).below(&base_url);
    let recorder = Arc::new(recorder);
    let stage = Stage {
        transport: recorder.clone(),
        base_url: base_url.as_str().to_owned(),
        plaintext: Plaintext::Refused,
        inputs,
        let_pass: let_pass(sandbox.clone()),
    };
    let (cassette, _) = record(scenario, &recorder, stage, &vendor.allowed).await?;
    if let Some(call) = sandbox.log().iter().find(|entry| entry.operation.is_none()) {
        bail!("{}: the sandbox has no operation {} {}: give it one first", scenario.name, call.method, call.path);
    }
    Ok(cassette)
}

fn let_pass(sandbox: Arc<Sandbox>) -> Arc<dyn Fn(Duration) + Send + Sync> {
    Arc::new(move |time| {
        if let Err(error) = sandbox.advance(time) {
            eprintln!("the sandbox's clock did not move: {error}");
        }
    })
}

async fn start() -> Result<Sandbox> {
    let start = Timestamp::from_second(TIMESTAMP)?;
    let sandbox = Sandbox::builder().clock_start(start).public_url(PUBLIC_URL).daily_limit(TOKENS_A_DAY);
    sandbox.start().await.context("no sandbox can be started")
}

/// Consents as a user, which gives a code; it must be `expected`.
async fn consent(sandbox: &Sandbox, transport: &dyn Transport, expected: &str) -> Result<()> {
    let url = format!("{}/service/wxoauth/2.0/wxcode?state=https://partner.example/", sandbox.weiting_base_url());
    let reply = transport.send(http::Request::get(url).body(Bytes::new())?).await?;
    let location = reply.headers().get(http::header::LOCATION).and_then(|value| value.to_str().ok());
    let code = location.and_then(|location| location.split_once("code=")).map(|(_, code)| code);
    ensure!(
        code == Some(expected),
        "the sandbox's first code is {code:?}: make it FIRST_CODE of xtask/record/src/scenarios/weiting.rs"
    );
    Ok(())
}
