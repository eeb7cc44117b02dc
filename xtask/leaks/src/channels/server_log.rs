//! `weifen serve` in operation: its log as text and as JSON, its answers, and the output of `weifen inbox` beside it.

use anyhow::Result;
use xtask_services::signal::Signal;

use super::Stage;
use super::inbox_site::ask;
use super::program::{Program, Running, path};
use crate::calls::push;
use crate::canary::Secret;
use crate::capture::Capture;
use crate::vendor::{Manner, Vendor};

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    let mut capture = Capture::default();
    if stage.is_planted {
        let vendor = Vendor::start(Manner::Answers, true)?;
        let mut serving = planted(&vendor.url())?;
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
    let program = Program::at("http://127.0.0.1:9", &arguments)?.delivering_to(deliver_url);
    program.env("WEIFEN_SERVE_UNSOLICITED", "pay").env("WEIFEN_SERVE_DELIVER_TIMEOUT_S", "1").start()
}

/// Starts such a server with a text log, from a shell that allows a core file in the server's folder.
pub(super) fn serve_with_core_files(deliver_url: &str) -> Result<Running> {
    let script = format!("ulimit -c unlimited; exec {} serve --json -vv --log text", path()?.display());
    let program = Program::through("/bin/sh".as_ref(), "http://127.0.0.1:9", &["-c".to_owned(), script])?;
    let program = program.env("PATH", "/usr/bin:/bin").delivering_to(deliver_url);
    program.env("WEIFEN_SERVE_UNSOLICITED", "pay").env("WEIFEN_SERVE_DELIVER_TIMEOUT_S", "1").start()
}

/// The planted leak: a shell that writes the push secret to the server's log, and then becomes the server.
pub(super) fn planted(deliver_url: &str) -> Result<Running> {
    let script = format!("cat push-secret >&2; exec {} serve --json", path()?.display());
    let program = Program::through("/bin/sh".as_ref(), "http://127.0.0.1:9", &["-c".to_owned(), script])?;
    program.env("PATH", "/usr/bin:/bin").delivering_to(deliver_url).start()
}

/// Sends every valid and invalid push, and waits until nothing is left to deliver.
pub(super) fn live(capture: &mut Capture, serving: &Running) -> Result<()> {
    let (address, admin) = (serving.address("listen")?, serving.address("admin_listen")?);
    let right = format!("/push/{}", Secret::PushSecret.value());
    let cut = push("cut");
    for (target, body) in [
        (right.clone(), push("user")),
        (right.clone(), push("user")),
        (right.clone(), push("foreign").replace("a-developer", "another")),
        (right.clone(), cut[..cut.len() - 3].to_owned()),
        (right.clone(), Secret::PushName.value()),
        (right.clone(), format!("key=a-key&nickname={}", Secret::PushName.value())),
        (format!("{right}?{}", Secret::PushName.parts()[0]), push("queried")),
        (format!("{right}x"), push("wrong")),
        (format!("/{}", Secret::PushSecret.value()), push("wrong")),
    ] {
        capture.add("an answer", ask(address, "POST", &target, body.as_bytes())?);
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
