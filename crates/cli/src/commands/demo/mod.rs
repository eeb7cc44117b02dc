//! `weifen demo`: runs every operation against a sandbox in this process, over HTTP on loopback, and the HTTP API.
//! Each step compares the answer with the sandbox's state. Configuration and environment are not used.

mod browser;
mod play;
mod server_side;
mod stage;
mod steps;

use std::process::ExitCode;

use crate::arguments::Globals;
use crate::failure::Failure;
use crate::output::Output;
use play::Play;
use stage::Stage;

pub(crate) async fn run(globals: &Globals, output: Output) -> Result<ExitCode, Failure> {
    let mut stage = Stage::set(globals).await?;
    let mut play = Play::new(output);
    // A failed step ends the play, and its line has been written.
    let _ = steps::all(&mut stage, &mut play).await;
    stage.server.stop().await;
    play.end()
}
