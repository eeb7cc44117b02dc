//! A disk that is full for a while: a small file system of the test's own.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use xtask_services::SmallDisk;

use super::pushes;
use super::setup::Setup;
use crate::patience::eventually;

/// Fills the disk; returns the file that takes the room.
fn fill(disk: &Path) -> PathBuf {
    let path = disk.join("filler");
    let mut file = File::create(&path).unwrap();
    for size in [64 * 1024, 512] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    path
}

#[test]
fn while_the_disk_is_full_pushes_are_refused_and_afterwards_taken() {
    let disk = SmallDisk::mount().expect("this takes the right to mount a file system, as root has it");
    let setup = Setup::at(&format!("sqlite:{}", disk.path().join("inbox.db").display()));
    let serving = setup.serve();
    let mut acknowledged = Vec::new();
    let mut push = |user: String| {
        let status = serving.push(&pushes::json(&user)).status;
        if status == 200 {
            acknowledged.push(user);
        }
        status
    };
    assert_eq!(push("before".to_owned()), 200);
    let filler = fill(disk.path());
    // Some fit into what SQLite had taken already.
    let refused = (0..5000).map(|n| push(format!("meanwhile-{n}"))).find(|status| *status != 200);
    assert_eq!(refused, Some(503));
    assert_eq!((serving.ask("/readyz").status, serving.ask("/healthz").status), (503, 200));

    fs::remove_file(filler).unwrap();
    eventually("it takes pushes again", || (push("after".to_owned()) == 200).then_some(()));
    serving.is_ready();
    let events = setup.events();
    let is_there = |user: &&String| events.iter().any(|event| event["push"]["auth_open_id"] == **user);
    let lost: Vec<_> = acknowledged.iter().filter(|user| !is_there(user)).collect();
    assert!(lost.is_empty(), "acknowledged and not stored: {lost:?}");
    serving.kill();
}
