//! `weifen sandbox`: simulates both vendors until interrupted, or sends a request to a running sandbox.

mod follow;

use std::process::ExitCode;

use weifen::config::Sources;
use weifen::sandbox::{ControlError, Ready, Sandbox, StartError, test_data};

use crate::arguments::{Globals, SandboxArguments, SandboxCommand};
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Output, Report, aside, pairs};
use crate::{interrupted, shell, url_argument};

pub(crate) async fn run(arguments: SandboxArguments, globals: &Globals, output: Output) -> Result<ExitCode, Failure> {
    // No configuration is needed; a wrong flag is an error all the same.
    let clients = Clients::from(Sources::new(), globals)?;
    if let Some(SandboxCommand::Follow(command)) = &arguments.command {
        if arguments.listen.is_some()
            || arguments.push_url.is_some()
            || arguments.chaos.is_some()
            || arguments.control_anywhere
        {
            return Err(Failure::usage(
                "--listen, --push-url, --chaos and --control-anywhere start a sandbox; `follow` needs a running one",
            ));
        }
        return output.report(&follow::run(command, &clients).await?);
    }
    let listen = arguments.listen.as_deref().unwrap_or("127.0.0.1:0").parse();
    let listen = listen.map_err(|_| Failure::usage("--listen: expected an address and a port, such as 127.0.0.1:0"))?;
    let builder = Sandbox::builder().listen(listen).white_label(arguments.white_label);
    let mut builder = builder.control_anywhere(arguments.control_anywhere);
    if let Some(url) = arguments.push_url {
        builder = builder.push_url(url_argument::without_password("--push-url", url)?);
    }
    if let Some(seed) = arguments.chaos {
        builder = builder.chaos(seed);
    }
    let interrupted = interrupted::interrupted();
    let sandbox = builder.start().await.map_err(not_started)?;
    let ready = sandbox.ready();
    if let (Some(seed), Output::People(_)) = (arguments.chaos, output) {
        aside(&chaos(seed, &ready));
    }
    output.ready(Report::new(&ready, welcome(&ready))?);
    interrupted.await?;
    sandbox.stop().await;
    Ok(ExitCode::SUCCESS)
}

fn not_started(error: StartError) -> Failure {
    match error {
        StartError::PushUrl(ControlError::PushUrl(problem)) => Failure::usage(format!("--push-url: it {problem}")),
        error => Failure::config(&error),
    }
}

/// Sets the sandbox as both vendors.
pub(crate) fn settings(sources: Sources, sandbox: &Ready) -> Sources {
    sources
        .set("weiting.base_url", &*sandbox.weiting_base_url)
        .set("weiting.appid", &*sandbox.appid)
        .set("weiting.secret", &*sandbox.secret)
        .set("weiting.user_path", &*sandbox.user_path)
        .set("weiting.token_store", "memory")
        .set("fensi.base_url", &*sandbox.fensi_base_url)
        .set("fensi.develop_appid", &*sandbox.develop_appid)
        .set("fensi.app_secret", &*sandbox.app_secret)
        .set("fensi.key", &*sandbox.key)
}

fn chaos(seed: u64, ready: &Ready) -> String {
    format!(
        "chaos with seed {seed}: calls and pushes fail on purpose, and the commands below may; {}/state lists the faults, \
         POST {}/faults with [] ends them",
        ready.control_url, ready.control_url,
    )
}

fn welcome(ready: &Ready) -> String {
    let facts = pairs([
        ("微厅", ready.weiting_base_url.clone()),
        ("  appid", ready.appid.clone()),
        ("  secret", ready.secret.clone()),
        ("  user_path", ready.user_path.clone()),
        ("粉丝万岁", ready.fensi_base_url.clone()),
        ("  develop_appid", ready.develop_appid.clone()),
        ("  app_secret", ready.app_secret.clone()),
        ("  key", ready.key.clone()),
        ("control", ready.control_url.clone()),
    ]);
    let exports = exports(&[
        ("WEIFEN_WEITING_BASE_URL", &ready.weiting_base_url),
        ("WEIFEN_WEITING_APPID", &ready.appid),
        ("WEIFEN_WEITING_SECRET", &ready.secret),
        ("WEIFEN_WEITING_USER_PATH", &ready.user_path),
        ("WEIFEN_FENSI_BASE_URL", &ready.fensi_base_url),
        ("WEIFEN_FENSI_DEVELOP_APPID", &ready.develop_appid),
        ("WEIFEN_FENSI_APP_SECRET", &ready.app_secret),
        ("WEIFEN_FENSI_KEY", &ready.key),
    ]);
    let (ticket, _) = test_data::TICKETS[0];
    format!(
        "\
A sandbox of both vendors is ready; Ctrl-C ends it. Its credentials are public test data.

{facts}

To try it, paste these lines into another terminal:

# 1. Name the sandbox and its credentials.
{exports}

# 2. 微厅: the numbers that a user has bound, and the number of a user who comes with a ticket.
{weifen} weiting user --openid {openid}
{weifen} weiting mobile --ticket {ticket}

# 3. 粉丝万岁: ask for the QR code of an account that a user may follow.
{weifen} fensi qrcode --auth-open-id {user} --nickname 追梦小窝 --sex 0 --ip 183.13.188.125",
        weifen = shell::this_program(),
        openid = test_data::OPENID,
        user = test_data::AUTH_OPEN_ID,
    )
}

/// Shell lines that export these variables.
pub(super) fn exports(variables: &[(&str, &str)]) -> String {
    let lines: Vec<_> = variables.iter().map(|(name, value)| format!("export {name}={}", shell::word(value))).collect();
    lines.join("\n")
}
