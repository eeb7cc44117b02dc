//! `weifen serve` in operation: its log as text and as JSON, its answers, and the output of `weifen inbox` beside it.

use anyhow::Result;
use xtask_services::signal::Signal;

use super::Stage;
use super::inbox_site::ask;
use super::program::{Program, Running, path};
use crate::calls::pushes;
use crate::canary::Secret;
use crate::capture::Capture;
use crate::vendor::{Manner, Vendor};

/// The planted leak: the push secret in the server's log.
pub(super) const PLANTED: &str = "cat push-secret >&2";

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    let mut capture = Capture::default();
    if stage.is_planted {
        let vendor = Vendor::start(Manner::Answers, true)?;
        let mut serving = serve_after(PLANTED, &vendor.url())?;
        serving.end(Signal::TERM)?;
        capture.add("a planted leak", serving.log());
        return Ok(capture);
    }
    let manners: &[Manner] = if stage.is_quick { &[Manner::Refuses, Manner::Resets] } else { Manner::all() };
    for manner in manners {
        for format in ["json", "text"] {
            let vendor = Vendor::start(*manner, true)?;
            let url = format!("{}/{}", vendor.url(), Secret::DeliverUrl.parts()[0]);
            let mut serving = serve(&url, format)?;
            live(&mut capture, &serving)?;
            serving.end(Signal::TERM)?;
            capture.add(format!("the log as {format}, delivering to one that {manner:?}"), serving.log());
            capture.add("the line when it was ready", serving.line.clone());
            capture.signatures.extend(vendor.signatures());
        }
    }
    Ok(capture)
}

/// Starts a server with the most verbose log, which pays every push.
pub(super) fn serve(deliver_url: &str, format: &str) -> Result<Running> {
    let arguments = ["serve", "--json", "-vv", "--log", format].map(str::to_owned);
    start(Program::at("http://127.0.0.1:9", &arguments)?, deliver_url)
}

/// Starts such a server with a text log, from a shell that runs `command` first.
pub(super) fn serve_after(command: &str, deliver_url: &str) -> Result<Running> {
    let script = format!("{command}; exec {} serve --json -vv --log text", path()?.display());
    start(Program::shell("http://127.0.0.1:9", script, "sh".to_owned())?, deliver_url)
}

fn start(program: Program, deliver_url: &str) -> Result<Running> {
    let program = program.delivering_to(deliver_url).env("WEIFEN_SERVE_UNSOLICITED", "pay");
    program.env("WEIFEN_SERVE_DELIVER_TIMEOUT_S", "1").start()
}

/// Sends every valid and invalid push, and waits until nothing is left to deliver.
pub(super) fn live(capture: &mut Capture, serving: &Running) -> Result<()> {
    let (address, admin) = (serving.address("listen")?, serving.address("admin_listen")?);
    for (target, body) in pushes() {
        capture.add("an answer", ask(address, "POST", &target, &body)?);
    }
    for _ in 0..1500 {
        let metrics = ask(admin, "GET", "/metrics", &[])?;
        if metrics.lines().any(|line| line == "weifen_inbox_pending 0") {
            capture.add("its metrics", metrics);
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    anyhow::bail!("events stay pending: {}", String::from_utf8_lossy(&serving.log()))
}
