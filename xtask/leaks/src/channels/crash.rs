//! Servers that end badly, with full backtraces on and core files allowed: what is left on stderr and on the disk.

use anyhow::Result;
use xtask_services::signal::Signal;

use super::Stage;
use super::files::walk;
use super::server_log::{live, planted, serve_with_core_files};
use crate::capture::Capture;
use crate::vendor::{Manner, Vendor};

/// From without, no other end than by a signal is to be had: a panic of a task is caught, and `panics` reads what it says.
const SIGNALS: [Signal; 5] = [Signal::ABORT, Signal::KILL, Signal::SEGV, Signal::QUIT, Signal::BUS];

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    let mut capture = Capture::default();
    let vendor = Vendor::start(Manner::Silent, true)?;
    let signals = if stage.is_quick { &SIGNALS[..2] } else { &SIGNALS };
    for signal in signals {
        let mut serving =
            if stage.is_planted { planted(&vendor.url())? } else { serve_with_core_files(&vendor.url())? };
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
