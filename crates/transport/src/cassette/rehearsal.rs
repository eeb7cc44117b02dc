//! A folder of cassettes and their scenarios, which a crate's tests replay.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Against, Allowed, Cassette, Inputs, Played, Recorder, Replay, ReplayError, Scenario, Stage, Transcript};
use crate::Transport;

/// Error that stops a rehearsal.
type Obstacle = Box<dyn Error + Send + Sync>;

/// A folder of cassettes, one for each scenario and named after it. Live cassettes are in its folder `live`.
#[derive(Debug)]
pub struct Rehearsal {
    folder: PathBuf,
    scenarios: Vec<Scenario>,
    allowed: Allowed,
}

/// Result of a replayed scenario.
pub struct Replayed {
    /// Results of the calls.
    pub outcome: Played,
    /// The requests in the form in which they were sent, in clear.
    pub requests: String,
    /// `Ok` where every request was the recorded one and none was left over.
    pub finished: Result<(), ReplayError>,
}

impl fmt::Debug for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replayed").field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

impl Scenario {
    /// Makes the scenario's calls against `cassette` with `inputs`, without a network.
    ///
    /// # Errors
    /// When the calls can't be made at all, such as for a missing input. A failed call is no error.
    pub async fn replay(&self, cassette: Cassette, inputs: Inputs, allowed: &Allowed) -> Result<Replayed, Obstacle> {
        let replay = Arc::new(Replay::new(cassette, allowed.clone()));
        let transcript = Arc::new(Transcript::new(replay.clone()));
        let outcome = (self.play)(Stage::of_replay(transcript.clone(), inputs)).await?;
        Ok(Replayed { outcome, requests: transcript.text(), finished: replay.finish() })
    }
}

impl Rehearsal {
    /// Creates the rehearsal of the cassettes in `folder`, recorded from `scenarios`.
    pub fn new(folder: impl Into<PathBuf>, scenarios: Vec<Scenario>, allowed: Allowed) -> Self {
        Self { folder: folder.into(), scenarios, allowed }
    }

    /// Returns the sorted names of all cassettes; a live one is `live/NAME`.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub fn names(&self) -> Result<Vec<String>, Obstacle> {
        let mut names = names(&self.folder, "")?;
        let live = self.folder.join("live");
        if live.is_dir() {
            names.extend(self::names(&live, "live/")?);
        }
        names.sort();
        Ok(names)
    }

    /// Returns the names of the scenarios that have no sandbox cassette.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub fn unrecorded(&self) -> Result<Vec<&'static str>, Obstacle> {
        let recorded = self.names()?;
        let names = self.scenarios.iter().map(|scenario| scenario.name);
        Ok(names.filter(|name| !recorded.iter().any(|recorded| recorded == name)).collect())
    }

    /// Replays the cassette `name`, with its inputs after `change`.
    ///
    /// # Errors
    /// When the cassette can't be read or belongs to no scenario, or when the calls can't be made.
    pub async fn replay(&self, name: &str, change: impl FnOnce(Inputs) -> Inputs) -> Result<Replayed, Obstacle> {
        let cassette = self.cassette(name)?;
        let inputs = change(cassette.inputs().clone());
        self.scenario(name)?.replay(cassette, inputs, &self.allowed).await
    }

    /// Replays the sandbox cassette `name`, records that as if it were a live vendor, and replays the new live
    /// cassette. Returns the result and the live cassette; `None` where `name` is live itself.
    ///
    /// # Errors
    /// When the cassette can't be read, belongs to no scenario, or can't be recorded, or when the calls can't be made.
    pub async fn replay_as_live(&self, name: &str) -> Result<Option<(Replayed, Cassette)>, Obstacle> {
        let cassette = self.cassette(name)?;
        if cassette.against() == Against::Live {
            return Ok(None);
        }
        let (scenario, inputs) = (self.scenario(name)?, cassette.inputs().clone());
        let vendor: Arc<dyn Transport> = Arc::new(Replay::new(cassette, self.allowed.clone()));
        let recorder = Arc::new(Recorder::live(vendor, "a rehearsal", &inputs, self.allowed.clone()));
        (scenario.play)(Stage::of_replay(recorder.clone(), inputs)).await?;
        let live = recorder.finish()?;
        let placeholders = live.inputs().clone();
        let replayed = scenario.replay(live.clone(), placeholders, &self.allowed).await?;
        Ok(Some((replayed, live)))
    }

    fn cassette(&self, name: &str) -> Result<Cassette, Obstacle> {
        Ok(Cassette::read(&self.folder.join(format!("{name}.json")))?)
    }

    fn scenario(&self, name: &str) -> Result<&Scenario, Obstacle> {
        let scenario = name.strip_prefix("live/").unwrap_or(name);
        let found = self.scenarios.iter().find(|known| known.name == scenario);
        found.ok_or_else(|| format!("{name}.json: no scenario has this name").into())
    }
}

fn names(folder: &Path, prefix: &str) -> Result<Vec<String>, Obstacle> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if let (Some(name), true) = (path.file_stem(), path.extension().is_some_and(|extension| extension == "json")) {
            names.push(format!("{prefix}{}", name.to_string_lossy()));
        }
    }
    Ok(names)
}
