//! Cassettes are the same on every run, and a difference is reported and repaired.

use std::fs;

use crate::{Project, printed};

#[test]
fn cassettes_are_the_same_on_every_run_and_what_differs_is_repaired() {
    let project = Project::new();
    let missing = project.record(&["--check"], &[]);
    assert!(
        !missing.status.success()
            && printed(&missing).contains("crates/weiting/cassettes/order_report.json is missing")
    );
    assert!(project.cassettes().is_empty(), "a check wrote");

    assert!(project.record(&[], &[]).status.success());
    let first = project.cassettes();
    assert!(first.len() > 50);
    let unchanged = format!("{} cassettes are as recorded\n", first.len());
    assert_eq!(printed(&project.record(&["--check"], &[])), unchanged);
    assert_eq!(printed(&project.record(&[], &[])), unchanged, "nothing changed, and something was written");

    let cassettes = project.path().join("crates/fensi/cassettes");
    let changed = cassettes.join("qrcode.json");
    fs::write(&changed, first["fensi/cassettes/qrcode.json"].replace("\"bidding\": 3", "\"bidding\": 4")).unwrap();
    fs::write(cassettes.join("gone.json"), "{}").unwrap();
    fs::remove_file(cassettes.join("scenes.json")).unwrap();
    fs::create_dir(cassettes.join("live")).unwrap();
    fs::write(cassettes.join("live/scenes.json"), "made live").unwrap();

    let check = project.record(&["--check"], &[]);
    let told = printed(&check);
    assert_eq!(check.status.code(), Some(1));
    for part in [
        "crates/fensi/cassettes/qrcode.json differs",
        "crates/fensi/cassettes/scenes.json is missing",
        "crates/fensi/cassettes/gone.json belongs to no scenario",
        "to repair: cargo xtask record",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }

    assert!(project.record(&[], &[]).status.success());
    let mut repaired = project.cassettes();
    assert_eq!(repaired.remove("fensi/cassettes/live/scenes.json").as_deref(), Some("made live"));
    assert_eq!(repaired, first);
    assert!(project.record(&["--check"], &[]).status.success());
}

#[test]
fn elsewhere_it_says_where_it_belongs() {
    let elsewhere = Project::new();
    fs::remove_file(elsewhere.path().join("crates/fensi/Cargo.toml")).unwrap();
    let output = elsewhere.record(&["--check"], &[]);
    let told = printed(&output);
    assert!(told.starts_with("Error: crates/fensi is not here: run this as `cargo xtask record`\n"), "{told}");
}
