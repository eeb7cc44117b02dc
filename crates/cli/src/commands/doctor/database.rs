//! The inbox's database: its state and its backlog, inspected from outside.

use std::path::Path;
use std::sync::Arc;

use tokio::time::timeout;
use weifen::config::DatabaseUrl;
use weifen::inbox::{Database, Inspection, OpenError, Stats, Status};
use weifen::transport::in_words;

use super::finding::Findings;
use super::patient::Patient;
use super::{database_file, writing};
use crate::shell;
use crate::times::span;

const KEY: &str = "serve.database";
/// Time in seconds for which an event may wait without a warning.
const PATIENT_S: u64 = 300;

pub(super) async fn check(patient: Arc<Patient>) -> Findings {
    let mut findings = Findings::of("database");
    if let Some(doubt) = patient.doubt(KEY) {
        findings.not_checked("database", doubt);
        return findings;
    }
    let database = patient.config().inbox_database();
    let inspected = timeout(patient.limit, Inspection::of(&database)).await;
    let inspection = match inspected {
        Ok(Ok(inspection)) => inspection,
        Ok(Err(OpenError::NoSuchFile(path))) => {
            missing(&patient, &path, &mut findings);
            return findings;
        }
        Ok(Err(error)) => {
            findings.problem("database", in_words(&error), advice(&error));
            return findings;
        }
        Err(_) => {
            let found = format!("{database}: no answer within {} s", patient.limit.as_secs());
            findings.problem(
                "database",
                found,
                "check which process holds the database, and whether its disk or its server works",
            );
            return findings;
        }
    };
    let server = server(&database, &mut findings);
    written(&patient, &mut findings);
    tables(&database, &inspection, &mut findings);
    settings(&inspection, &mut findings);
    if let DatabaseUrl::Sqlite(path) = &patient.config().serve.database {
        database_file::check(path, &inspection, &mut findings);
    }
    if let Some(stats) = &inspection.stats {
        waiting(stats, &server, &mut findings);
        clock(stats, &mut findings);
    }
    findings
}

/// The use of the database by a server.
enum Server {
    Runs,
    IsAway,
    /// It can't be told for PostgreSQL.
    Unknown,
}

fn advice(error: &OpenError) -> &'static str {
    match error {
        OpenError::NetworkFileSystem { .. } => "move it to a local disk, or use PostgreSQL",
        OpenError::NotBuiltIn { .. } => "use a build of weifen that has this feature",
        OpenError::File { .. } => "let this user read the file, or correct serve.database",
        OpenError::NotAFile { .. } => "move the file away, or correct serve.database",
        OpenError::Lost { .. } | OpenError::OtherLog { .. } => {
            "do what the message says; see also docs/push.md, Backups"
        }
        OpenError::HardLinked { .. } => "end the programs that use the file; `find / -samefile FILE` lists its names",
        _ => "check that serve.database is right, that the database server runs, and that it accepts this user",
    }
}

fn missing(patient: &Patient, path: &Path, findings: &mut Findings) {
    let found = format!("sqlite:{} does not exist yet", path.display());
    if !patient.uses("serve.", "") {
        findings.ok("database", found);
    } else if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        let make = shell::word(&folder.display().to_string()).into_owned();
        findings.problem(
            "database",
            format!("{found}, and its folder does not exist either"),
            format!("mkdir -p {make}, or correct {KEY}"),
        );
    } else if let Some(what) = writing::obstacle(path, &[]) {
        let found = format!("{found}, and {} can't be written", what.display());
        findings.problem("database", found, format!("let this user write to the folder, or correct {KEY}"));
    } else {
        findings.ok("database", format!("{found}; `weifen serve` creates it"));
    }
}

fn server(database: &Database, findings: &mut Findings) -> Server {
    match database.served_by() {
        Ok(Some(process)) => {
            findings.ok("server", format!("in use by a server, {process}"));
            Server::Runs
        }
        Ok(None) if database.to_string().starts_with("sqlite:") => {
            findings.ok("server", "no server uses the file now");
            Server::IsAway
        }
        Ok(None) => Server::Unknown,
        Err(error @ (OpenError::NotAFile { .. } | OpenError::HardLinked { .. })) => {
            findings.problem("server", in_words(&error), advice(&error));
            Server::Unknown
        }
        Err(error) => {
            findings.warning("server", in_words(&error), "let this user read the file's lock");
            Server::Unknown
        }
    }
}

fn written(patient: &Patient, findings: &mut Findings) {
    let DatabaseUrl::Sqlite(path) = &patient.config().serve.database else { return };
    if let Some(what) = writing::obstacle(path, &["-wal", "-shm", ".lock"]) {
        let found = format!("{} can't be written by this user", what.display());
        findings.problem(
            "writing",
            found,
            "run doctor as the user who runs `weifen serve`, or let this user write the file",
        );
    }
}

fn tables(database: &Database, inspection: &Inspection, findings: &mut Findings) {
    let latest = inspection.latest;
    match inspection.version {
        None => findings.ok("database", format!("{database} has no tables of weifen yet; `weifen serve` creates them")),
        Some(version) if version == latest => findings.ok("database", format!("{database}, version {version}")),
        Some(version) if version < latest => findings.warning(
            "database",
            format!("{database} has version {version}, but this program uses {latest}"),
            "nothing, if this is intended: the next `weifen serve` upgrades the database",
        ),
        Some(version) => findings.problem(
            "database",
            format!("{database} has version {version}, but this program only knows {latest}"),
            "use the newer weifen that created the database",
        ),
    }
}

fn settings(inspection: &Inspection, findings: &mut Findings) {
    for (name, value) in &inspection.settings {
        match (*name, value.as_str()) {
            ("journal_mode", "wal") => {
                findings.ok("durability", "journal_mode wal; each server sets synchronous to FULL and verifies it");
            }
            ("journal_mode", mode) => findings.warning(
                "durability",
                format!("journal_mode is {mode}, but an inbox needs wal"),
                "nothing, if the file is new: the next `weifen serve` sets it; else find the program that changed it",
            ),
            ("fsync" | "full_page_writes", "off") => findings.problem(
                "durability",
                format!(
                    "{name} is off in PostgreSQL: acknowledged pushes are lost if the machine of the database fails"
                ),
                format!("set {name} = on in postgresql.conf"),
            ),
            ("synchronous_commit", "off") => {
                findings
                    .ok("durability", "synchronous_commit is off in PostgreSQL; each server turns it on for itself");
            }
            ("server_version", version) => findings.ok("PostgreSQL", format!("version {version}")),
            (name, value) => findings.ok("durability", format!("{name} {value}")),
        }
    }
}

fn waiting(stats: &Stats, server: &Server, findings: &mut Findings) {
    let count = |status: Status| stats.events.get(status.as_str()).copied().unwrap_or_default();
    let (pending, held, dead) = (count(Status::Pending), count(Status::Held), count(Status::Dead));
    let oldest = span(stats.oldest_pending_s);
    match (pending, server) {
        (0, _) => findings.ok("pending", "no event waits for delivery"),
        (_, Server::IsAway) => findings.warning(
            "pending",
            format!("{pending}, the oldest for {oldest}; no server delivers them"),
            "start `weifen serve`",
        ),
        (..) if stats.oldest_pending_s > PATIENT_S => findings.warning(
            "pending",
            format!("{pending}, the oldest for {oldest}"),
            "check whether serve.deliver_url answers; `weifen inbox list` shows the failures",
        ),
        (..) => findings.ok("pending", format!("{pending}, the oldest for {oldest}")),
    }
    if held == 0 {
        findings.ok("held", "none");
    } else {
        let advice =
            "run `weifen inbox list --held`, then `weifen inbox release ID` or `--since T` for the genuine events";
        findings.warning("held", format!("{held} wait for a person"), advice);
    }
    if dead == 0 {
        findings.ok("dead", "none");
    } else {
        let advice =
            "run `weifen inbox list --dead`, then `weifen inbox redrive ID` or `--all` when the receiver works again";
        findings.warning("dead", format!("{dead} given up"), advice);
    }
    if stats.deliveries_paused {
        let advice = "run `weifen inbox resume` when the receiver accepts events again";
        findings.warning("deliveries", "paused: the receiver of events asked to stop (HTTP 410)", advice);
    }
    let quarantined = match stats.quarantined {
        0 => "none".to_owned(),
        many => format!("{many}; `weifen inbox quarantine` lists them"),
    };
    findings.ok("quarantine", quarantined);
}

fn clock(stats: &Stats, findings: &mut Findings) {
    if stats.misdated > 0 {
        let many = stats.misdated;
        findings.warning(
            "clock",
            format!(
                "{many} events were received while the clock was wrong: their times are in the future or before \
                2019"
            ),
            "keep the clock right, such as by `timedatectl set-ntp true`; waiting events are still delivered",
        );
    }
}
