//! Every cassette of 微厅 through the client: the requests as they go out, the answers and refusals as they come back.
//! No network is used.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use weifen_transport::Transport;
use weifen_weiting::cassette::{
    Against, Cassette, Inputs, Outcome, Recorder, Replay, ReplayError, Scenario, Stage, Transcript, allowed,
};

use crate::scenarios;

/// A replayed cassette.
struct Replayed {
    outcome: Outcome,
    requests: String,
    finished: Result<(), ReplayError>,
}

#[tokio::test]
async fn every_cassette_is_asked_for_and_answers_as_recorded() {
    for path in cassettes() {
        let replayed = replay(&path, |inputs| inputs).await;
        replayed.finished.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let text = format!("{}\n----\n{}", replayed.requests, replayed.outcome);
        insta::assert_snapshot!(name_of(&path), text);
    }
}

#[tokio::test]
async fn what_a_live_recording_replaces_decides_nothing() {
    for path in cassettes() {
        let cassette = Cassette::read(&path).expect("a cassette");
        if cassette.against() == Against::Live {
            continue;
        }
        let (scenario, inputs) = (scenario_of(&path), cassette.inputs().clone());
        let vendor = Arc::new(Replay::new(cassette, allowed()));
        let recorder = Arc::new(Recorder::live(vendor, "a test", &inputs, allowed()));
        let outcome = play(&scenario, recorder.clone(), inputs.clone()).await;

        let live = recorder.finish().expect("a cassette");
        assert!(!live.to_text().contains(inputs.text("secret").expect("a secret")), "{}", path.display());
        let placeholders = live.inputs().clone();
        let replay = Arc::new(Replay::new(live, allowed()));
        let replayed = play(&scenario, replay.clone(), placeholders).await;
        replay.finish().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(replayed.verdicts(), outcome.verdicts(), "{}", path.display());
    }
}

#[test]
fn every_scenario_has_its_cassette() {
    let recorded: BTreeSet<String> = cassettes().iter().map(|path| name_of(path)).collect();
    let missing: Vec<&str> =
        scenarios::all().iter().map(|scenario| scenario.name).filter(|name| !recorded.contains(*name)).collect();
    assert!(missing.is_empty(), "not recorded: {missing:?}; record them by `cargo xtask record`");
}

#[tokio::test]
async fn a_changed_parameter_fails_its_replay_and_is_shown() {
    let path = folder().join("order_report.json");
    let replayed = replay(&path, |inputs| inputs.with_text("deviceno", "18900000001")).await;
    assert_eq!(replayed.outcome.verdicts(), ["not_delivered"]);
    insta::assert_snapshot!("a_changed_parameter", replayed.finished.expect_err("a parameter was changed"));
}

/// Plays the scenario that `path` is named after, fed with what `change` makes of the cassette's inputs.
async fn replay(path: &Path, change: impl Fn(Inputs) -> Inputs) -> Replayed {
    let cassette = Cassette::read(path).expect("a cassette");
    let inputs = change(cassette.inputs().clone());
    let replay = Arc::new(Replay::new(cassette, allowed()));
    let transcript = Arc::new(Transcript::new(replay.clone()));
    let outcome = play(&scenario_of(path), transcript.clone(), inputs).await;
    Replayed { outcome, requests: transcript.text(), finished: replay.finish() }
}

async fn play(scenario: &Scenario, transport: Arc<dyn Transport>, inputs: Inputs) -> Outcome {
    let played = (scenario.play)(Stage::of_replay(transport, inputs)).await;
    played.unwrap_or_else(|error| panic!("{}: {error}", scenario.name))
}

fn scenario_of(path: &Path) -> Scenario {
    let stem = path.file_stem().expect("a file's name");
    let scenario = scenarios::all().into_iter().find(|scenario| *scenario.name == *stem);
    scenario.unwrap_or_else(|| panic!("{} belongs to no scenario; `cargo xtask record` removes it", path.display()))
}

/// `order_report`, or `live_order_report` of one made against the vendor.
fn name_of(path: &Path) -> String {
    let place = path.strip_prefix(folder()).expect("a cassette of this folder").with_extension("");
    place.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("_")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cassettes")
}

/// Those made against the sandbox, and those made against the vendor, if there are any.
fn cassettes() -> Vec<PathBuf> {
    let entries =
        [folder(), folder().join("live")].into_iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    assert!(!paths.is_empty(), "no cassettes: record them by `cargo xtask record`");
    paths
}
