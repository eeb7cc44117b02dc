//! The process list, which every user of the machine can read: name, arguments and threads of a process.

use std::fs;

use anyhow::{Context, Result};
use xtask_services::signal::{self, Signal};

use super::Stage;
use super::program::{Program, Running, path};
use super::server_log::serve;
use crate::canary::Secret;
use crate::capture::Capture;
use crate::vendor::{Manner, Vendor};

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    let mut capture = Capture::default();
    let vendor = Vendor::start(Manner::Answers, true)?;
    if stage.is_planted {
        // The planted leak: the push secret as an argument.
        let script = format!("exec {} serve --json & wait", path()?.display());
        let mut shell = Program::shell("http://127.0.0.1:9", script, Secret::PushSecret.value())?.start()?;
        look(&mut capture, "a planted leak", &shell)?;
        let server = shell.ready["pid"].as_u64().context("no pid")?;
        signal::send(server.try_into()?, Signal::TERM)?;
        return shell.end(Signal::TERM).map(|()| capture);
    }
    let watch = ["weiting", "token", "watch", "--json"].map(str::to_owned);
    let sandbox = ["sandbox", "--json"].map(str::to_owned);
    for (from, running) in [
        ("weifen serve", serve(&vendor.url(), "json")?),
        ("weifen weiting token watch", Program::at(&vendor.url(), &watch)?.start()?),
        ("weifen sandbox", Program::at(&vendor.url(), &sandbox)?.start()?),
    ] {
        look(&mut capture, from, &running)?;
    }
    Ok(capture)
}

fn look(capture: &mut Capture, from: &str, running: &Running) -> Result<()> {
    let folder = format!("/proc/{}", running.id());
    for file in ["cmdline", "comm", "status"] {
        capture.add(format!("{file} of {from}"), fs::read(format!("{folder}/{file}"))?);
    }
    for thread in fs::read_dir(format!("{folder}/task"))? {
        capture.add(format!("a thread of {from}"), fs::read(thread?.path().join("comm")).unwrap_or_default());
    }
    Ok(())
}
