//! `weifen sandbox`: serves both vendors, simulated, until interrupted.

use std::process::ExitCode;

use weifen::config::Sources;
use weifen::sandbox::{ControlError, Ready, Sandbox, StartError, test_data};

use crate::arguments::{Globals, SandboxArguments};
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Output, Report, aside, pairs};
use crate::{interrupted, url_argument};

pub(crate) async fn run(arguments: SandboxArguments, globals: &Globals, output: Output) -> Result<ExitCode, Failure> {
    // A sandbox needs no configuration; a flag that is wrong is wrong all the same.
    Clients::from(Sources::new(), globals)?;
    let listen = arguments.listen.parse();
    let listen = listen.map_err(|_| Failure::usage("--listen: expected an address and a port, such as 127.0.0.1:0"))?;
    let mut builder = Sandbox::builder().listen(listen).white_label(arguments.white_label);
    if let Some(url) = arguments.push_url {
        builder = builder.push_url(url_argument::without_password("--push-url", url)?);
    }
    if let Some(seed) = arguments.chaos {
        builder = builder.chaos(seed);
    }
    let interrupted = interrupted::interrupted();
    let sandbox = builder.start().await.map_err(not_started)?;
    let ready = sandbox.ready();
    if let (Some(seed), Output::People) = (arguments.chaos, output) {
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
    let (ticket, _) = test_data::TICKETS[0];
    format!(
        "\
A sandbox of both vendors is ready; Ctrl-C ends it. Its credentials are public test data.

{facts}

To try it from another terminal:

export WEIFEN_WEITING_BASE_URL='{weiting}'
export WEIFEN_WEITING_APPID='{appid}'
export WEIFEN_WEITING_SECRET='{secret}'
export WEIFEN_WEITING_USER_PATH='{user_path}'
export WEIFEN_FENSI_BASE_URL='{fensi}'
export WEIFEN_FENSI_DEVELOP_APPID='{develop_appid}'
export WEIFEN_FENSI_APP_SECRET='{app_secret}'
export WEIFEN_FENSI_KEY='{key}'

weifen weiting user --openid {openid}
weifen weiting mobile --ticket {ticket}
weifen fensi qrcode --auth-open-id {user} --nickname 追梦小窝 --sex 0 --ip 183.13.188.125",
        weiting = ready.weiting_base_url,
        appid = ready.appid,
        secret = ready.secret,
        user_path = ready.user_path,
        fensi = ready.fensi_base_url,
        develop_appid = ready.develop_appid,
        app_secret = ready.app_secret,
        key = ready.key,
        openid = test_data::OPENID,
        user = test_data::AUTH_OPEN_ID,
    )
}
