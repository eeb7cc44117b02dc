//! The stderr and files of servers that a signal kills, with full backtraces on and core files allowed.

use anyhow::Result;
use xtask_services::signal::Signal;

use super::Stage;
use super::files::walk;
use super::server_log::{PLANTED, live, serve_after};
use crate::capture::Capture;
use crate::vendor::{Manner, Vendor};

/// Signals that end a server. Nothing else crashes it from outside: a task's panic is caught (channel `panics`).
const SIGNALS: [Signal; 5] = [Signal::ABORT, Signal::KILL, Signal::SEGV, Signal::QUIT, Signal::BUS];

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    let mut capture = Capture::default();
    let vendor = Vendor::start(Manner::Silent, true)?;
    let signals = if stage.is_quick { &SIGNALS[..2] } else { &SIGNALS };
    for signal in signals {
        let before = if stage.is_planted { PLANTED } else { "ulimit -c unlimited" };
        let mut serving = serve_after(before, &vendor.url())?;
        if !stage.is_planted {
            live(&mut capture, &serving)?;
        }
        serving.crash(*signal)?;
        capture.add(format!("stderr of a server that got {signal:?}"), serving.log());
        walk(&mut capture, serving.folder.path())?;
    }
    capture.signatures = vendor.signatures();
    Ok(capture)
}
