//! A disk that is full for a while. It takes a small file system of its own, which only root can mount: elsewhere the test
//! says that it was skipped.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::patience::eventually;
use super::place::Place;
use super::pushes;

struct SmallDisk(TempDir);

impl SmallDisk {
    /// None of it where it can't be mounted, and why.
    fn mount() -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(folder.path());
        let output = command.output().map_err(|error| format!("mount: {error}"))?;
        if output.status.success() {
            Ok(Self(folder))
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes until nothing more fits; the file that takes the room.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("filler");
        let mut file = File::create(&path).unwrap();
        for size in [64 * 1024, 512] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

#[test]
fn while_the_disk_is_full_pushes_are_refused_and_afterwards_taken() {
    let disk = match SmallDisk::mount() {
        Ok(disk) => disk,
        Err(why) => return eprintln!("SKIPPED: no tmpfs can be mounted here, so no disk is full: {why}"),
    };
    let place = Place::at(&format!("sqlite:{}", disk.path().join("inbox.db").display()));
    let serving = place.serve();
    let mut acknowledged = Vec::new();
    let mut push = |user: String| {
        let status = serving.push(&pushes::json(&user)).status;
        if status == 200 {
            acknowledged.push(user);
        }
        status
    };
    assert_eq!(push("before".to_owned()), 200);
    let filler = disk.fill();
    // Some fit into what SQLite had taken already.
    let refused = (0..5000).map(|n| push(format!("meanwhile-{n}"))).find(|status| *status != 200);
    assert_eq!(refused, Some(503));
    assert_eq!((serving.ask("/readyz").status, serving.ask("/healthz").status), (503, 200));

    fs::remove_file(filler).unwrap();
    eventually("it takes pushes again", || (push("after".to_owned()) == 200).then_some(()));
    serving.is_ready();
    let events = place.events();
    let is_there = |user: &&String| events.iter().any(|event| event["push"]["auth_open_id"] == **user);
    let lost: Vec<_> = acknowledged.iter().filter(|user| !is_there(user)).collect();
    assert!(lost.is_empty(), "acknowledged and not stored: {lost:?}");
    serving.kill();
}
