//! One run of the built program against one fault, and all that it must keep to.

use std::io::{PipeReader, Read, Write, pipe};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pipe::fcntl_getpipe_size;
use serde_json::Value;

use super::echoes::forms;
use super::failure::Failure;
use super::fault::{Ends, Fault, reply};
use super::operations::{APP_SECRET, CANARIES, KEY, Operation, SECRET, TOKEN};
use super::script::{FaultyServer, Step, Turn};
use crate::support::Program;

/// Time that a run may take beyond its timeout, from the start of its process to the end.
const LATE: Duration = Duration::from_secs(1);
/// Memory that a fault may cost beyond an answer, in KiB.
const MOST_MEMORY: u64 = 8 << 10;

/// The reader of the program's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Json,
    /// People, with `-vv`.
    People,
}

pub(super) struct Case {
    /// The called operation.
    pub(super) operation: &'static Operation,
    /// The operation whose reply is faulty: that one, or the token's that it needs.
    pub(super) faulty: &'static Operation,
    pub(super) fault: Fault,
    pub(super) told: Told,
}

impl Case {
    pub(super) fn name(&self) -> String {
        let of = if self.faulty.name == self.operation.name { "" } else { "'s token" };
        format!("{}{of}, {:?}: {}", self.operation.name, self.told, self.fault.name)
    }

    pub(super) fn server(&self) -> FaultyServer {
        let mut turns: Vec<_> = self.faulty.carries_token().then(token).into_iter().collect();
        turns.push(Turn::Looked(self.fault.steps.clone()));
        if let Some(steps) = &self.fault.with_new_token {
            turns.extend([token(), Turn::Looked(steps.clone())]);
        }
        FaultyServer::start(turns)
    }

    fn program(&self, url: &str) -> Program {
        let program = command(self.operation, url, self.fault.timeout());
        match self.told {
            Told::Json => program.arg("--json"),
            Told::People => program.arg("-vv"),
        }
    }

    /// # Errors
    /// The difference from the documentation.
    pub(super) fn run(&self) -> Result<(), Failure> {
        let server = self.server();
        let program = self.program(&server.url());
        let begun = Instant::now();
        let ended = program.run();
        let took = begun.elapsed();

        // A slow machine does not excuse what is printed.
        self.check_print(&ended.stdout, &ended.stderr)?;
        let error = match self.told {
            Told::Json => error(&ended.stdout, &ended.stderr)?,
            Told::People => None,
        };
        let timeout = Duration::from_secs(self.fault.timeout());
        if took > timeout + LATE {
            return Err(Failure::Late(took));
        }
        let kind = error.as_ref().and_then(|error| error["kind"].as_str());
        let is_about = error.as_ref().and_then(|error| error["operation"].as_str());
        let mut documented = self.fault.documented(self.faulty.effect);
        if self.told == Told::People {
            for ended in &mut documented {
                ended.kind = None;
            }
        }
        let is_documented = documented.iter().any(|documented| {
            let kind_fits = documented.kind == kind && is_about == kind.and(Some(self.faulty.name));
            documented.exit == ended.code && kind_fits && documented.arrivals == server.arrived()
        });
        if is_documented {
            return Ok(());
        }
        let words = format!("is not {documented:?}: {error:?}, {} arrived, {ended:?}", server.arrived());
        Err(self.ended(took, words))
    }

    /// Returns the failure of a run that ended in another way than documented.
    pub(super) fn ended(&self, took: Duration, words: String) -> Failure {
        let by_time =
            took > Duration::from_secs(self.fault.timeout()) / 2 || self.fault.ends == Ends::AnsweredOrNoReply;
        Failure::Ended { by_time, words }
    }

    pub(super) fn check_print(&self, stdout: &str, stderr: &str) -> Result<(), Failure> {
        let printed = format!("{stdout}{stderr}");
        let raw = printed.chars().find(|c| is_obeyed(*c));
        if let Some(raw) = raw {
            return Err(Failure::Printed(format!("{raw:?}: {printed:.3000}")));
        }
        let own = (self.operation.name == "access_token").then_some(TOKEN);
        for canary in CANARIES {
            let where_to_look = if own == Some(canary) { stderr } else { &printed };
            let where_to_look = where_to_look.to_ascii_lowercase();
            let is_there = |form: &&String| where_to_look.contains(&form.to_ascii_lowercase());
            if let Some(form) = forms(canary).iter().find(is_there) {
                return Err(Failure::Printed(format!("{form}: {printed:.6000}")));
            }
        }
        Ok(())
    }

    /// # Errors
    /// When it takes too much more memory than `usual`, in KiB.
    pub(super) fn run_for_memory(&self, usual: u64) -> Result<(), Failure> {
        let server = self.server();
        let peak = peak_memory(self.program(&server.url()), self.fault.timeout(), &server)?;
        if peak > usual + MOST_MEMORY {
            return Err(Failure::Memory(peak - usual));
        }
        Ok(())
    }
}

/// The error of the one document on stdout, if it is one.
fn error(stdout: &str, stderr: &str) -> Result<Option<Value>, Failure> {
    match stdout.strip_suffix('\n').map(serde_json::from_str::<Value>) {
        Some(Ok(document)) if !stdout.trim_end().contains('\n') && stderr.is_empty() => {
            Ok(document.get("error").cloned())
        }
        _ => Err(Failure::Printed(format!("what is no document: {stdout:.2000}, {stderr:.2000}"))),
    }
}

/// Memory of the operation with a good answer, in KiB.
pub(super) fn usual_memory(operation: &'static Operation) -> u64 {
    let answer = Fault::body("none", Ends::Answered, operation.answer().to_string());
    let case = Case { operation, faulty: operation, fault: answer, told: Told::Json };
    let measured = || {
        let server = case.server();
        peak_memory(case.program(&server.url()), case.fault.timeout(), &server)
    };
    // The machine may be busy with others once.
    measured().or_else(|_| measured()).unwrap()
}

fn token() -> Turn {
    let body = serde_json::json!({"data": TOKEN, "status": 200, "info": 0}).to_string();
    Turn::Token(vec![Step::Read, Step::send(reply("200 OK", "", body))])
}

fn command(operation: &Operation, url: &str, timeout: u64) -> Program {
    Program::at(url, &operation.arguments)
        .env("WEIFEN_WEITING_SECRET", SECRET)
        .env("WEIFEN_FENSI_APP_SECRET", APP_SECRET)
        .env("WEIFEN_FENSI_KEY", KEY)
        .trusting_nobody()
        .arg(&format!("--timeout={timeout}"))
}

/// Peak memory of a run, in KiB. Its stdout is full, so that it stands still at its end, when all else is done.
fn peak_memory(program: Program, timeout: u64, server: &FaultyServer) -> Result<u64, Failure> {
    let (reader, mut writer) = pipe().unwrap();
    writer.write_all(&vec![b'\n'; fcntl_getpipe_size(&writer).unwrap()]).unwrap();
    let (child, _folder) = program.stdout(writer).spawn_as_it_is(Stdio::null());
    let end = Instant::now() + Duration::from_secs(timeout) + LATE;
    while !waits_to_print(&child) && Instant::now() < end {
        thread::sleep(Duration::from_millis(10));
    }
    let peak = high_water(&child);
    let is_met = server.arrived() > 0 && server.offered() > 0;
    drain(reader, child);
    is_met.then_some(peak).ok_or(Failure::Unmet)
}

/// Returns true if the process is seen to wait at its full stdout. Where a kernel does not show that, the run is
/// waited for in full.
fn waits_to_print(child: &Child) -> bool {
    let place = std::fs::read_to_string(format!("/proc/{}/wchan", child.id()));
    place.is_ok_and(|place| place.ends_with("pipe_write"))
}

fn high_water(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.expect("the program still runs").trim().trim_end_matches(" kB").parse().unwrap()
}

fn drain(mut reader: PipeReader, mut child: Child) {
    reader.read_to_end(&mut Vec::new()).unwrap();
    child.wait().unwrap();
}

/// Returns true for a character that a terminal obeys, or shows in another order.
fn is_obeyed(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
}
