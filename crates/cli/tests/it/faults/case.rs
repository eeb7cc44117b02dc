//! One run of the built program against one fault, and all that it must keep to.

use std::io::{PipeReader, Read, Write, pipe};
use std::process::{Child, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use rustix::pipe::fcntl_getpipe_size;
use serde_json::Value;

use super::echoes::forms;
use super::fault::{Fault, reply};
use super::operations::{APP_SECRET, CANARIES, KEY, Operation, SECRET, TOKEN};
use super::script::{FaultyServer, Step};
use crate::support::Program;

/// What a run may take beyond its time-out.
const LATE: Duration = Duration::from_secs(1);
/// What starting a process may take on a machine that has much else to do.
const MARGIN: Duration = Duration::from_secs(1);
/// How much more memory a fault may cost than an answer, in KiB.
const MOST_MEMORY: u64 = 8 << 10;

/// For whom the program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Json,
    /// With all that it may tell.
    People,
}

/// A certificate that nobody needs: a run that reads the machine's takes three times as long.
static AUTHORITY: LazyLock<String> =
    LazyLock::new(|| rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem());

pub(super) struct Case {
    /// What is called.
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

    fn server(&self) -> FaultyServer {
        FaultyServer::start(self.first(), self.fault.steps.clone())
    }

    /// The token's reply, where the call is what fails.
    fn first(&self) -> Option<Vec<Step>> {
        self.faulty.carries_token().then(token)
    }

    fn program(&self, url: &str) -> Program {
        let program = command(self.operation, url, self.fault.timeout());
        match self.told {
            Told::Json => program.arg("--json"),
            Told::People => program.arg("-vv"),
        }
    }

    /// # Errors
    /// What was not as documented.
    pub(super) fn run(&self) -> Result<(), String> {
        let server = self.server();
        let program = self.program(&server.url());
        let begun = Instant::now();
        let ended = program.run();
        let took = begun.elapsed();

        let most = Duration::from_secs(self.fault.timeout()) + LATE + MARGIN;
        if took > most {
            return Err(format!("took {took:?}"));
        }
        self.check_print(&ended.stdout, &ended.stderr)?;
        let kind = match self.told {
            Told::Json => self.kind(&ended.stdout, &ended.stderr)?,
            Told::People => None,
        };
        let mut documented = self.fault.documented(self.faulty.class);
        if self.told == Told::People {
            for ended in &mut documented {
                ended.kind = None;
            }
        }
        let is_documented = documented.iter().any(|documented| {
            let kind_fits = documented.kind == kind.as_deref();
            documented.exit == ended.code && kind_fits && documented.arrivals == server.arrived()
        });
        if is_documented {
            return Ok(());
        }
        Err(format!("is not {documented:?}: {kind:?}, {} arrived, {ended:?}", server.arrived()))
    }

    /// The kind of the one document's error.
    fn kind(&self, stdout: &str, stderr: &str) -> Result<Option<String>, String> {
        let document: Value = match stdout.strip_suffix('\n').map(serde_json::from_str) {
            Some(Ok(document)) if !stdout.trim_end().contains('\n') && stderr.is_empty() => document,
            _ => return Err(format!("is no document: {stdout:.2000}, {stderr:.2000}")),
        };
        let Some(error) = document.get("error") else { return Ok(None) };
        let operation = error["operation"].as_str();
        if operation != Some(self.faulty.name) {
            return Err(format!("is about {operation:?}"));
        }
        Ok(error["kind"].as_str().map(str::to_owned))
    }

    fn check_print(&self, stdout: &str, stderr: &str) -> Result<(), String> {
        let printed = format!("{stdout}{stderr}");
        let raw = printed.chars().find(|c| is_obeyed(*c));
        if let Some(raw) = raw {
            return Err(format!("prints {raw:?}: {printed:.3000}"));
        }
        let own = (self.operation.name == "access_token").then_some(TOKEN);
        for canary in CANARIES {
            let where_to_look = if own == Some(canary) { stderr } else { &printed };
            let where_to_look = where_to_look.to_ascii_lowercase();
            let is_there = |form: &&String| where_to_look.contains(&form.to_ascii_lowercase());
            if let Some(form) = forms(canary).iter().find(is_there) {
                return Err(format!("prints {form}: {printed:.6000}"));
            }
        }
        Ok(())
    }

    /// # Errors
    /// Where it takes too much more memory than `usual`, in KiB.
    pub(super) fn run_for_memory(&self, usual: u64) -> Result<(), String> {
        let server = self.server();
        let peak = peak_memory(self.program(&server.url()), self.fault.timeout());
        if peak > usual + MOST_MEMORY {
            return Err(format!("takes {} KiB more than an answer", peak - usual));
        }
        Ok(())
    }
}

/// What the operation takes that is answered, in KiB.
pub(super) fn usual_memory(operation: &Operation) -> u64 {
    let answer = vec![Step::Read, Step::send(reply("200 OK", "", operation.answer().to_string()))];
    let server = FaultyServer::start(operation.carries_token().then(token), answer);
    peak_memory(command(operation, &server.url(), 1).arg("--json"), 1)
}

fn token() -> Vec<Step> {
    let body = serde_json::json!({"data": TOKEN, "status": 200, "info": 0}).to_string();
    vec![Step::Read, Step::send(reply("200 OK", "", body))]
}

fn command(operation: &Operation, url: &str, timeout: u64) -> Program {
    Program::at(url, operation.arguments)
        .env("WEIFEN_WEITING_SECRET", SECRET)
        .env("WEIFEN_FENSI_APP_SECRET", APP_SECRET)
        .env("WEIFEN_FENSI_KEY", KEY)
        .env("WEIFEN_HTTP_CA_FILE", "ca.pem")
        .file("ca.pem", &*AUTHORITY)
        .arg(&format!("--timeout={timeout}"))
}

/// The most memory that a run had at once, in KiB: its stdout is full, so that it stands still before its end, when it has
/// done all else.
fn peak_memory(program: Program, timeout: u64) -> u64 {
    let (reader, mut writer) = pipe().unwrap();
    writer.write_all(&vec![b'\n'; fcntl_getpipe_size(&writer).unwrap()]).unwrap();
    let (child, _folder) = program.stdout(writer).spawn_as_it_is(Stdio::null());
    thread::sleep(Duration::from_secs(timeout) + LATE);
    let peak = high_water(&child);
    drain(reader, child);
    peak
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

/// What a terminal would obey, or show in another order.
fn is_obeyed(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
}
