//! The command line: every command, with text and JSON output, at the highest verbosity, in success and in every
//! failure. Only an answer's own fields may be on stdout.

use std::thread::{self, ScopedJoinHandle};

use anyhow::Result;
use xtask_specimens::{SPECIMENS, Specimen};

use super::Stage;
use super::program::{Ended, Program, path};
use crate::calls::{self, push};
use crate::canary::{Secret, planted};
use crate::capture::Capture;
use crate::vendor::{Manner, Vendor};

/// A command with valid arguments, and the secrets that its answer may show on stdout.
struct Call {
    arguments: Vec<String>,
    shows: &'static [Secret],
}

/// The manners that differ most.
const QUICK: [Manner; 6] =
    [Manner::Answers, Manner::Refuses, Manner::RedirectWithBody, Manner::WrongTypes, Manner::BadHeader, Manner::Resets];

/// Secrets in a push.
const OF_PUSH: &[Secret] = &[Secret::PushName, Secret::PushState, Secret::Reference];

/// Secrets that an answer shows: its own fields, and nothing that was sent.
fn shows(operation: &str) -> &'static [Secret] {
    match operation {
        "access_token" => &[Secret::AccessToken],
        "authorize_url" => &[Secret::State],
        "bound_user" => &[Secret::BoundName, Secret::BoundMobile],
        "mobile_by_ticket" => &[Secret::Mobile],
        "qrcode" => &[Secret::Nickname, Secret::VerificationCode],
        _ => &[],
    }
}

/// The command of every operation, with its variants.
fn commands() -> Vec<Call> {
    let of = |specimen: &Specimen, more: &[&str]| {
        let values: Vec<_> = specimen.example.iter().map(|(name, _)| (*name, calls::value(specimen, name))).collect();
        let value = |parameter: &str| values.iter().find(|(name, _)| *name == parameter).map_or("", |(_, value)| value);
        let words = [&specimen.all_words(&value)[..], more].concat();
        Call { arguments: words.into_iter().map(str::to_owned).collect(), shows: shows(specimen.name()) }
    };
    let more = |words: &str, shows| Call { arguments: words.split(' ').map(str::to_owned).collect(), shows };
    let mut all: Vec<_> = SPECIMENS.iter().map(|specimen| of(specimen, &[])).collect();
    all.extend(SPECIMENS.iter().filter(|specimen| specimen.name() == "qrcode").map(|qrcode| of(qrcode, &["--book"])));
    all.extend([
        more("weiting token refresh", &[Secret::AccessToken][..]),
        more("weiting token show", &[]),
        more("weiting openid --callback", &[]).with_callback(),
    ]);
    all
}

impl Call {
    fn with_callback(mut self) -> Self {
        let code = url::form_urlencoded::byte_serialize(Secret::Code.value().as_bytes()).collect::<String>();
        self.arguments.push(format!("http://127.0.0.1:9/back?code={code}"));
        self
    }
}

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    let mut capture = Capture::default();
    if stage.is_planted {
        // The planted leak: in place of `weifen`, a shell that prints a secret, and then runs `weifen`.
        let script = format!("cat app-secret >&2; exec {} fensi scenes", path()?.display());
        let vendor = Vendor::start(Manner::Answers, false)?;
        let program = Program::shell(&vendor.url(), script, "sh".to_owned())?;
        add(&mut capture, "a planted leak", &program.run()?, &[]);
        return Ok(capture);
    }
    let manners = if stage.is_quick { &QUICK[..] } else { Manner::all() };
    thread::scope(|scope| -> Result<()> {
        let rest = [misused, local, stores].map(|drive| scope.spawn(move || drive(stage)));
        for some in manners.chunks(2) {
            let runs = some.iter().flat_map(|manner| [(*manner, false), (*manner, true)]);
            let runs: Vec<_> =
                runs.map(|(manner, is_whole)| scope.spawn(move || called(stage, manner, is_whole))).collect();
            for run in runs {
                capture.extend(joined(run)?);
            }
        }
        for run in rest {
            capture.extend(joined(run)?);
        }
        Ok(())
    })?;
    Ok(capture)
}

fn joined(run: ScopedJoinHandle<'_, Result<Capture>>) -> Result<Capture> {
    run.join().map_err(|_| anyhow::anyhow!("a run panicked"))?
}

/// Runs every call at a vendor of this manner.
fn called(stage: Stage, manner: Manner, is_whole: bool) -> Result<Capture> {
    let mut capture = Capture::default();
    let vendor = Vendor::start(manner, is_whole)?;
    for (at, call) in commands().into_iter().enumerate() {
        // A quick run alternates between JSON and text.
        let forms: &[bool] = if stage.is_quick { &[(at + manner as usize).is_multiple_of(2)] } else { &[false, true] };
        // Where only the token fails, all operations of 微厅 fail alike.
        if is_whole && stage.is_quick && at > 2 {
            continue;
        }
        for is_json in forms {
            let mut arguments = call.arguments.clone();
            arguments.extend(is_json.then(|| "--json".to_owned()));
            arguments.push("-vvv".to_owned());
            let ended = Program::at(&vendor.url(), &arguments)?.run()?;
            if manner == Manner::Answers {
                let shown = String::from_utf8_lossy(&ended.stderr);
                anyhow::ensure!(ended.is_done, "{} fails: {shown}", call.arguments[1]);
            }
            let shows = if ended.is_done { call.shows } else { &[] };
            add(&mut capture, &format!("weifen {} at a vendor that {manner:?}", call.arguments[1]), &ended, shows);
        }
    }
    capture.signatures = vendor.signatures();
    Ok(capture)
}

fn add(capture: &mut Capture, from: &str, ended: &Ended, shows: &'static [Secret]) {
    capture.add_with(format!("stdout of {from}"), ended.stdout.clone(), shows);
    capture.add(format!("stderr of {from}"), ended.stderr.clone());
}

/// Runs commands with values in the wrong places.
fn misused(stage: Stage) -> Result<Capture> {
    let mut capture = Capture::default();
    let some = if stage.is_quick { &[Secret::WeitingSecret] } else { planted() };
    for secret in some {
        let value = secret.value();
        for arguments in [
            vec![value.clone()],
            vec!["weiting".to_owned(), value.clone()],
            words("weiting mobile", &value),
            words("weiting token --secret", &value),
            vec!["weiting".to_owned(), "mobile".to_owned(), format!("--tikcet={value}")],
            words("weiting mobile --json --ticket x --code", &value),
            words("weiting openid --code x --callback", &value),
            words("weiting order-report --openid o --deviceno 1 --package p --date", &value),
            words("weiting token refresh --rejected", &value),
            words("fensi qrcode --auth-open-id u --nickname n --ip 1.1.1.1 --sex", &value),
            words("fensi qrcode --auth-open-id u --nickname n --sex 0 --ip", &value),
            words("fensi qrcode --auth-open-id u --nickname n --sex 0 --ip 1.1.1.1 --label", &value),
            words("sign --nonce n --timestamp", &format!("{value}x")),
            words("--timeout", &value),
            words("inbox show", &value),
            words("inbox purge --older-than", &value),
            words("inbox book --auth-open-id u --key k --appid a --ttl", &value),
            words("serve --log", &value),
            words("serve --listen", &value),
            words("inbox stats --database", &format!("postgres://u:{value}@h/d")),
            words("inbox stats --database", &format!("postgres://h/d?password={value}")),
            words("sandbox --push-url", &format!("http://u:{value}@127.0.0.1/")),
            words("sandbox follow --auth-open-id u --control", &format!("http://u:{value}@127.0.0.1/")),
            words("secret", &value),
            words("serve --deliver-url", &format!("http://u:{value}@127.0.0.1/")),
            words("weiting authorize-url --state", &format!("http://u:{value}@h/")),
        ] {
            let ended = Program::at("http://127.0.0.1:9", &arguments)?.run()?;
            add(
                &mut capture,
                &format!("weifen {} with a value that is wrong", arguments[..arguments.len() - 1].join(" ")),
                &ended,
                &[],
            );
        }
    }
    Ok(capture)
}

fn words(words: &str, last: &str) -> Vec<String> {
    words.split(' ').chain([last]).map(str::to_owned).collect()
}

/// Returns the arguments of a command for each form of its output, at the highest verbosity.
fn text_and_json(command: &str) -> [Vec<String>; 2] {
    [words(command, "-vvv"), words(&format!("{command} --json"), "-vvv")]
}

/// Runs commands that need no vendor: the inbox before and after a purge, a push, a signature, a demo.
fn local(_: Stage) -> Result<Capture> {
    let mut capture = Capture::default();
    let mut run = |words: &str, stdin: &str, shows| -> Result<()> {
        for arguments in text_and_json(words) {
            let ended = Program::at("http://127.0.0.1:9", &arguments)?.stdin(stdin).run()?;
            add(&mut capture, &format!("weifen {words}"), &ended, shows);
        }
        Ok(())
    };
    run("fensi push --file -", &push("user"), OF_PUSH)?;
    run("fensi push --file -", &push("user").replace("60", &format!("{:?}", Secret::PushName.value())), &[])?;
    run("fensi push --file -", &format!("{}{}", push("user"), Secret::PushName.value()), &[])?;
    run("demo", "", &[])?;
    run("--help", "", &[])?;
    run("inbox list", "", &[])?;
    Ok(capture)
}

/// Runs commands on stores that can't be used, with passwords in their URLs.
fn stores(_: Stage) -> Result<Capture> {
    let mut capture = Capture::default();
    let (redis, postgres, proxy) = (Secret::RedisPassword, Secret::DatabasePassword, Secret::ProxyPassword);
    let bad = Vendor::start(Manner::NotHttp, true)?;
    let there = bad.url().replace("http://", "");
    for (variable, url, command) in [
        ("WEIFEN_WEITING_TOKEN_STORE", format!("redis://:{}@127.0.0.1:9", redis.value()), "weiting token"),
        ("WEIFEN_WEITING_TOKEN_STORE", format!("redis://:{}@{there}", redis.value()), "weiting token show"),
        ("WEIFEN_WEITING_TOKEN_STORE", format!("redis://:{}@h:x", redis.value()), "weiting token"),
        ("WEIFEN_SERVE_DATABASE", format!("postgres://u:{}@127.0.0.1:9/d", postgres.value()), "inbox stats"),
        ("WEIFEN_SERVE_DATABASE", format!("postgres://u:{}@{there}/d", postgres.value()), "serve"),
        ("WEIFEN_SERVE_DATABASE", format!("postgres://u:{}@h:x/d", postgres.value()), "inbox stats"),
        ("WEIFEN_HTTP_PROXY", format!("http://u:{}@127.0.0.1:9", proxy.value()), "weiting token"),
        ("WEIFEN_HTTP_PROXY", format!("http://u:{}@{there}", proxy.value()), "fensi scenes"),
        ("WEIFEN_HTTP_PROXY", format!("://u:{}", proxy.value()), "fensi scenes"),
    ] {
        for arguments in text_and_json(command) {
            let ended = Program::at("http://127.0.0.1:9", &arguments)?.env(variable, &url).run()?;
            anyhow::ensure!(!ended.is_done, "{command} works without a store");
            add(&mut capture, &format!("weifen {command} with {variable}"), &ended, &[]);
        }
    }
    Ok(capture)
}
