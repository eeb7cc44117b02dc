//! The file of a SQLite inbox: its permissions, room on its disk for the log, and its last backup.

use std::path::Path;
use std::time::{Duration, SystemTime};

use weifen::inbox::Inspection;

use super::finding::Findings;
use crate::times::span;

/// Bytes that should be free: a log of 64 MiB, as much growth of the file, and a reserve until somebody notices.
#[cfg(unix)]
const ROOM: u64 = 256 * 1024 * 1024;
/// Age from which a backup is old.
const OLD: Duration = Duration::from_hours(7 * 24);

pub(super) fn check(path: &Path, inspection: &Inspection, findings: &mut Findings) {
    others_read(path, findings);
    room(path, findings);
    backup(inspection, findings);
}

#[cfg(unix)]
fn others_read(path: &Path, findings: &mut Findings) {
    use std::os::unix::fs::MetadataExt;

    let shown = path.display();
    if std::fs::metadata(path).is_ok_and(|found| found.mode() & 0o044 != 0) {
        let found = format!("{shown} can be read by others, and contains the users of the pushes");
        findings.warning("file", found, format!("chmod 600 {shown}*"));
    }
}

#[cfg(not(unix))]
fn others_read(_: &Path, _: &mut Findings) {}

#[cfg(unix)]
fn room(path: &Path, findings: &mut Findings) {
    let Ok(disk) = rustix::fs::statvfs(path) else { return };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free < ROOM {
        let found = format!("{} MiB are free; the log alone grows to 64 MiB before it is emptied", free >> 20);
        findings.warning("disk", found, "free disk space: on a full disk, pushes are answered with 503");
    }
}

#[cfg(not(unix))]
fn room(_: &Path, _: &mut Findings) {}

fn backup(inspection: &Inspection, findings: &mut Findings) {
    let age = inspection.backed_up_at.map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
    match age {
        None => findings.ok("backup", "`weifen inbox backup` has made no backup"),
        Some(age) if age > OLD => findings.warning(
            "backup",
            format!("the last backup by `weifen inbox backup` is {} old", span(age.as_secs())),
            "make a backup: `weifen inbox backup --to FILE`",
        ),
        Some(age) => findings.ok("backup", format!("made {} ago", span(age.as_secs()))),
    }
}
