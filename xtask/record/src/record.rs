//! Records one scenario, and replays it at once: a cassette that does not give the same again is none.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, ensure};
use weifen_transport::cassette::{Allowed, Cassette, Inputs, Outcome, Recorder, Replay, Scenario, Stage};

/// Plays `scenario` on `stage`, whose transport is `recorder`.
pub(crate) async fn record(
    scenario: &Scenario,
    recorder: &Recorder,
    stage: Stage,
    allowed: &Allowed,
) -> Result<(Cassette, Outcome)> {
    let outcome = play(scenario, stage).await?;
    let cassette = recorder.finish().with_context(|| format!("{} can't be recorded", scenario.name))?;
    let replayed = replay(scenario, &cassette, allowed).await?;
    ensure!(
        replayed.verdicts() == outcome.verdicts(),
        "{}: recorded it came to {:?}, replayed to {:?}: a value that decides was replaced, and belongs on the list of \
         what is allowed",
        scenario.name,
        outcome.verdicts(),
        replayed.verdicts()
    );
    Ok((cassette, outcome))
}

async fn replay(scenario: &Scenario, cassette: &Cassette, allowed: &Allowed) -> Result<Outcome> {
    let cassette = Cassette::parse(Path::new(scenario.name), cassette.to_text().as_bytes())?;
    let inputs: Inputs = cassette.inputs().clone();
    let replay = Arc::new(Replay::new(cassette, allowed.clone()));
    let outcome = play(scenario, Stage::of_replay(replay.clone(), inputs)).await?;
    replay.finish().with_context(|| format!("{} was recorded, and can't be replayed", scenario.name))?;
    Ok(outcome)
}

async fn play(scenario: &Scenario, stage: Stage) -> Result<Outcome> {
    (scenario.play)(stage).await.map_err(|error| anyhow!("{} can't be played: {error}", scenario.name))
}
