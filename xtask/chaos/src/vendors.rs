//! Both clients, built by the facade as in a program, and the sandbox's users who bring codes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use weifen::Weifen;
use weifen::config::Sources;
use weifen::transport::http::{Request, header};
use weifen::transport::{Bytes, HyperTransport, ReqwestTransport, Transport};
use weifen_sandbox::Sandbox;

use crate::by_turns::ByTurns;
use crate::fast_clock::FastClock;
use crate::outages::Outages;

/// Daily limit that no run reaches: only faults limit the fetches here.
pub(crate) const DAILY_LIMIT: u32 = 1_000_000;

/// Timeout of a call in real time; a slower reply counts as lost.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Configured timeout, measured by the fast clock: the fetch lease lasts a little longer.
const ROOM: Duration = Duration::from_secs(100);

/// Timeout of a browser, long enough for an overloaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Vendors {
    pub(crate) clients: xtask_specimens::Vendors,
    /// Transport of the users' browsers, which has no outages.
    browser: ReqwestTransport,
    consent: String,
}

impl Vendors {
    pub(crate) fn new(
        sandbox: &Sandbox,
        around: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>,
    ) -> Result<Self> {
        let reqwest = ReqwestTransport::builder().timeout(TIMEOUT).connect_timeout(TIMEOUT / 2).build()?;
        let hyper = HyperTransport::builder().timeout(TIMEOUT).connect_timeout(TIMEOUT / 2).build()?;
        let transport = ByTurns::new([Arc::new(reqwest), Arc::new(hyper)]);
        let weifen = Weifen::builder(Sources::new().toml("chaos.toml", configuration(sandbox)).load()?)
            .transport(around(Arc::new(Outages::new(Arc::new(transport))?)))
            .clock(Arc::new(FastClock::new()))
            .build()?;
        let consent =
            format!("{}/service/wxoauth/2.0/wxcode?state=https://partner.example/", sandbox.weiting_base_url());
        let browser = ReqwestTransport::builder().timeout(PATIENCE).build()?;
        let clients = xtask_specimens::Vendors { weiting: weifen.weiting()?, fensi: weifen.fensi()? };
        Ok(Self { clients, browser, consent })
    }

    /// Lets a user consent and returns the code, which works once.
    pub(crate) async fn code(&self) -> Result<String> {
        let reply = self.browser.send(Request::get(&self.consent).body(Bytes::new())?).await?;
        let location = reply.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let code = location.and_then(|location| location.split_once("code=")).map(|(_, code)| code);
        code.map(str::to_owned).context("the sandbox sent a user back without a code")
    }
}

fn configuration(sandbox: &Sandbox) -> String {
    format!(
        "[weiting]\nbase_url = '{}'\nappid = '{}'\nsecret = '{}'\nuser_path = '{}'\ndaily_limit = {DAILY_LIMIT}\n\
         [fensi]\nbase_url = '{}'\ndevelop_appid = '{}'\napp_secret = '{}'\nkey = '{}'\n[http]\ntimeout_s = {}\n",
        sandbox.weiting_base_url(),
        sandbox.appid(),
        sandbox.secret(),
        sandbox.user_path(),
        sandbox.fensi_base_url(),
        sandbox.develop_appid(),
        sandbox.app_secret(),
        sandbox.key(),
        ROOM.as_secs(),
    )
}
