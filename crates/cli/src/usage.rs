//! Errors of arguments that can't be parsed. Values are never repeated: one may be a misplaced secret.

use std::borrow::Cow;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::ValueEnum;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::failure::Failure;
use crate::language::Language;
use crate::output::{Output, Report};

/// The output that the arguments ask for by `--json` and `--lang`, wherever these stand.
pub(crate) fn output(given: &[OsString]) -> Output {
    let options = || given.iter().skip(1).take_while(|argument| *argument != "--").map(|given| given.to_string_lossy());
    let json = options().any(|argument| argument == "--json" || argument.starts_with("--json="));
    let mut rest = options().skip_while(|argument| argument != "--lang" && !argument.starts_with("--lang="));
    let lang = rest.next().and_then(|first| match first.strip_prefix("--lang=") {
        Some(value) => Some(value.to_owned()),
        None => rest.next().map(Cow::into_owned),
    });
    Output::new(json, lang.and_then(|lang| Language::from_str(&lang, false).ok()))
}

/// Shows the help or the version, if requested.
///
/// # Errors
/// The fault in the arguments.
pub(crate) fn answer(error: &clap::Error, output: Output) -> Result<ExitCode, Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp => {
            let help = error.to_string();
            output.report(&Report::of("help", &help, &*help)?)
        }
        ErrorKind::DisplayVersion => {
            let version = env!("CARGO_PKG_VERSION");
            output.report(&Report::of("version", &version, format!("weifen {version}"))?)
        }
        _ => Err(failure(error)),
    }
}

fn failure(error: &clap::Error) -> Failure {
    Failure::usage(problem(error)).with_hint(hint(error))
}

fn problem(error: &clap::Error) -> String {
    let named = |kind| option_names(error, kind);
    match error.kind() {
        ErrorKind::MissingSubcommand => "a command is missing".to_owned(),
        ErrorKind::InvalidSubcommand => "unknown command".to_owned(),
        ErrorKind::UnknownArgument => match named(ContextKind::InvalidArg) {
            Some(option) => format!("unknown option {option}"),
            None => "a value is not expected here".to_owned(),
        },
        ErrorKind::MissingRequiredArgument => match error.get(ContextKind::InvalidArg) {
            // These are our option names, not given values.
            Some(ContextValue::Strings(options)) => format!("missing: {}", options.join(", ")),
            _ => "a required option is missing".to_owned(),
        },
        ErrorKind::InvalidValue | ErrorKind::WrongNumberOfValues | ErrorKind::NoEquals => {
            match named(ContextKind::InvalidArg) {
                Some(option) => format!("{option} needs a value (one that begins with a hyphen: --option=VALUE)"),
                None => "a value is missing".to_owned(),
            }
        }
        ErrorKind::TooManyValues => match named(ContextKind::InvalidArg) {
            Some(option) => format!("{option} takes no value"),
            None => "a value is not expected here".to_owned(),
        },
        ErrorKind::ValueValidation => {
            let option = named(ContextKind::InvalidArg).unwrap_or_else(|| "a value".to_owned());
            format!("{option}: this option does not take this value")
        }
        ErrorKind::ArgumentConflict => {
            let first = named(ContextKind::InvalidArg);
            match (first, named(ContextKind::PriorArg)) {
                (Some(first), Some(prior)) if first == prior => format!("{first} is given twice"),
                (Some(first), Some(prior)) => format!("{first} and {prior} cannot be combined"),
                (Some(first), None) => format!("{first} cannot be combined with the other options"),
                _ => "two options cannot be combined".to_owned(),
            }
        }
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8 text".to_owned(),
        kind => kind.as_str().unwrap_or("the arguments are not a valid command").to_owned(),
    }
}

/// The options that a context names: text without a leading hyphen, or after an `=`, may be a value.
fn option_names(error: &clap::Error, kind: ContextKind) -> Option<String> {
    let names = match error.get(kind)? {
        ContextValue::String(name) => vec![name.as_str()],
        ContextValue::Strings(names) => names.iter().map(String::as_str).collect(),
        _ => return None,
    };
    let names = names.into_iter().filter(|name| name.starts_with('-') && *name != "-");
    let names: Vec<_> = names.map(|name| name.split(['=', ' ']).next().unwrap_or(name)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn hint(error: &clap::Error) -> String {
    let suggested = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg];
    let suggested = suggested.into_iter().find_map(|kind| match error.get(kind)? {
        ContextValue::String(name) => Some(name),
        ContextValue::Strings(names) => names.first(),
        _ => None,
    });
    match (suggested, error.get(ContextKind::Usage)) {
        (Some(suggested), _) => format!("did you mean {suggested}?"),
        (None, Some(ContextValue::StyledStr(usage))) => {
            usage.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
        }
        _ => "--help after a command lists its options".to_owned(),
    }
}
