//! Every cassette of 粉丝万岁 through the client: the requests as they go out, the answers and refusals as they come back.
//! No network is used.

use std::path::Path;

use weifen_fensi::cassette::{Rehearsal, allowed};

use crate::scenarios;

fn rehearsal() -> Rehearsal {
    Rehearsal::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("cassettes"), scenarios::all(), allowed())
}

#[test]
fn every_scenario_has_its_cassette() {
    let missing = rehearsal().unrecorded().unwrap();
    assert!(missing.is_empty(), "not recorded: {missing:?}; record them by `cargo xtask record`");
}

#[tokio::test]
async fn every_cassette_is_asked_for_and_answers_as_recorded() {
    let rehearsal = rehearsal();
    for name in rehearsal.names().unwrap() {
        let replayed = rehearsal.replay(&name, |inputs| inputs).await.unwrap();
        replayed.finished.unwrap_or_else(|error| panic!("{name}: {error}"));
        let text = format!("{}\n----\n{}", replayed.requests, replayed.outcome);
        insta::assert_snapshot!(name.replace('/', "_"), text);
    }
}

#[tokio::test]
async fn what_a_live_recording_replaces_decides_nothing() {
    let rehearsal = rehearsal();
    for name in rehearsal.names().unwrap() {
        let Some((replayed, live)) = rehearsal.replay_as_live(&name).await.unwrap() else { continue };
        replayed.finished.unwrap_or_else(|error| panic!("{name}: {error}"));
        let recorded = rehearsal.replay(&name, |inputs| inputs).await.unwrap();
        assert_eq!(replayed.outcome.verdicts(), recorded.outcome.verdicts(), "{name}");
        assert!(!live.to_text().contains(weifen_sandbox::test_data::APP_SECRET), "{name}");
    }
}

#[tokio::test]
async fn a_changed_parameter_fails_its_replay_and_is_shown() {
    let replayed = rehearsal().replay("qrcode", |inputs| inputs.with_text("nickname", "另一个小窝")).await.unwrap();
    assert_eq!(replayed.outcome.verdicts(), ["not_delivered"]);
    insta::assert_snapshot!("a_changed_parameter", replayed.finished.expect_err("a parameter was changed"));
}
