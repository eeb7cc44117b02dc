//! Records one scenario, and replays it at once: a cassette with another outcome is refused.

use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use weifen_transport::cassette::{Allowed, Cassette, Played, Recorder, Scenario, Stage};

/// Plays `scenario` on `stage`, whose transport is `recorder`.
pub(crate) async fn record(
    scenario: &Scenario,
    recorder: &Recorder,
    stage: Stage,
    allowed: &Allowed,
) -> Result<(Cassette, Played)> {
    let outcome = (scenario.play)(stage).await;
    let outcome = outcome.map_err(|error| anyhow!("{} can't be played: {error}", scenario.name))?;
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

async fn replay(scenario: &Scenario, cassette: &Cassette, allowed: &Allowed) -> Result<Played> {
    let cassette = Cassette::parse(Path::new(scenario.name), cassette.to_text().as_bytes())?;
    let inputs = cassette.inputs().clone();
    let replayed = scenario.replay(cassette, inputs, allowed).await;
    let replayed = replayed.map_err(|error| anyhow!("{} can't be played: {error}", scenario.name))?;
    replayed.finished.with_context(|| format!("{} was recorded, and can't be replayed", scenario.name))?;
    Ok(replayed.outcome)
}
