//! `weifen config`: lists the keys of the configuration, and checks it.

use std::io::{self, IsTerminal, Read};

use serde::Serialize;
use weifen::config::{self, ConfigError, FILE_NAME, Sources};

use crate::arguments::{ConfigArguments, ConfigCommand, Globals};
use crate::clients::sources;
use crate::failure::Failure;
use crate::language::Language;
use crate::output::Report;

/// Name of piped text in messages.
const PIPED: &str = "stdin";

/// Cap on piped text, in bytes; longer text is no configuration.
const LONGEST: u64 = 1 << 20;

#[derive(Serialize)]
struct Checked {
    ok: bool,
    file: Option<String>,
}

/// # Errors
/// All faults of the configuration that is checked.
pub(crate) fn run(arguments: &ConfigArguments, globals: &Globals) -> Result<Report, Failure> {
    match arguments.command {
        ConfigCommand::Example => Report::of("example", &config::example(), config::example()),
        ConfigCommand::Reference => reference(globals),
        ConfigCommand::Schema => Report::new(&config::schema(), format!("{:#}", config::schema())),
        ConfigCommand::Check => check(globals),
    }
}

/// The page of all keys: for programs always the English one.
fn reference(globals: &Globals) -> Result<Report, Failure> {
    let people = match Language::of(globals.lang) {
        Language::English => config::reference(),
        Language::Chinese => config::reference_in_chinese(),
    };
    Report::of("reference", &config::reference(), people)
}

fn check(globals: &Globals) -> Result<Report, Failure> {
    let sources = match (&globals.config, piped()?) {
        (None, Some(text)) => Sources::from_process_env().toml(PIPED, text),
        _ => sources(globals),
    };
    let examined = sources.examine();
    if let Some(failure) = failure(&examined.faults) {
        return Err(failure);
    }
    let file = examined.config.file().map(|file| file.display().to_string());
    let people = match &file {
        Some(file) => format!("{file}: no mistake found."),
        None => format!(
            "No configuration file: no --config, no WEIFEN_CONFIG, no ./{FILE_NAME}. The environment has no mistake."
        ),
    };
    Report::new(&Checked { ok: true, file }, people)
}

fn failure(faults: &[ConfigError]) -> Option<Failure> {
    let all: Vec<_> = faults.iter().map(ToString::to_string).collect();
    let hint = "docs/configuration.md, or `weifen config reference`, lists every key";
    (!all.is_empty()).then(|| Failure::config_in_words(all.join("\n")).with_hint(hint))
}

/// The text on stdin if it is a pipe or a file; `None` if there is none.
fn piped() -> Result<Option<String>, Failure> {
    if io::stdin().is_terminal() || !brings_something() {
        return Ok(None);
    }
    let mut text = String::new();
    let read = io::stdin().lock().take(LONGEST + 1).read_to_string(&mut text);
    read.map_err(|error| Failure::file(PIPED, &error))?;
    if text.len() as u64 > LONGEST {
        return Err(Failure::config_in_words(format!("{PIPED}: more than {LONGEST} bytes are no configuration")));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// Returns true if stdin brings text within two seconds: a pipe that nobody writes to must not block the check.
#[cfg(unix)]
fn brings_something() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::{FileType, fstat};

    const PATIENCE: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };

    let stdin = io::stdin();
    let kind = fstat(&stdin).map(|stat| FileType::from_raw_mode(stat.st_mode));
    match kind {
        Ok(FileType::RegularFile) => true,
        Ok(FileType::Fifo | FileType::Socket) => {
            poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&PATIENCE)).is_ok_and(|ready| ready > 0)
        }
        _ => false,
    }
}

#[cfg(not(unix))]
fn brings_something() -> bool {
    true
}
