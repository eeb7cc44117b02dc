//! `weifen serve`: runs the server until interrupted.

mod first_look;
mod ready;

use std::process::ExitCode;

use weifen::config::{Config, Sources};
use weifen_server::{Running, Server};

use crate::arguments::{Globals, LogFormat, ServeArguments};
use crate::clients::{Clients, sources};
use crate::failure::Failure;
use crate::output::Output;
use crate::output::logs;
use crate::{interrupted, url_argument};
use first_look::FirstLook;

pub(crate) async fn run(arguments: ServeArguments, globals: &Globals, output: Output) -> Result<ExitCode, Failure> {
    let by_default = if output == Output::Json { LogFormat::Json } else { LogFormat::Text };
    let log = arguments.log.unwrap_or(by_default);
    logs::start(log, globals.verbose);
    // The origins of settings are printed as lines, which are no JSON.
    let globals = &Globals { verbose: if log == LogFormat::Json { 0 } else { globals.verbose }, ..globals.clone() };
    // From here on it may wait for a database, a disk or stdin.
    interrupted::end_at_once()?;
    let first_look = if arguments.sandbox { Some(FirstLook::prepare().await?) } else { None };
    let mut sources = sources(globals);
    if let Some(first_look) = &first_look {
        sources = first_look.settings(sources);
    }
    let sources = flags(sources, &arguments)?;
    let clients = Clients::from(sources, globals)?;
    let mut config = clients.config().clone();
    if config.api.listen.is_some() && config.weiting.appid().is_ok() {
        // The token that all of this user's programs share.
        config.weiting.token_store = Some(clients.token_store()?);
    }
    let serving = Serving::start(&config, first_look).await?;
    let interrupted = interrupted::interrupted();
    output.ready(serving.ready()?);
    interrupted.await?;
    tracing::info!("received the signal to stop: waiting for requests and deliveries that are running");
    serving.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Sets the flags over the configuration.
fn flags(mut sources: Sources, arguments: &ServeArguments) -> Result<Sources, Failure> {
    let given = [
        ("serve.listen", arguments.listen.clone()),
        ("serve.admin_listen", arguments.admin_listen.clone()),
        ("serve.database", arguments.database.clone().map(url_argument::database).transpose()?),
        ("serve.push_secret_file", arguments.push_secret_file.clone()),
        ("serve.deliver_url", arguments.deliver_url.clone().map(deliver_url).transpose()?),
        ("serve.deliver_secret_file", arguments.deliver_secret_file.clone()),
    ];
    for (key, value) in given.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        sources = sources.set(key, value);
    }
    Ok(sources)
}

fn deliver_url(url: String) -> Result<String, Failure> {
    url_argument::without_password("--deliver-url", url)
}

/// The running parts.
struct Serving {
    running: Running,
    first_look: Option<FirstLook>,
}

impl Serving {
    async fn start(config: &Config, first_look: Option<FirstLook>) -> Result<Self, Failure> {
        let running = Server::builder(config.clone()).figures(logs::metrics).start().await?;
        if let Some((first_look, address)) = first_look.as_ref().zip(running.push_address()) {
            first_look.push_to(address, &config.serve.push_secrets()?)?;
        }
        Ok(Self { running, first_look })
    }

    /// Accepts no more pushes, finishes what was begun, and closes the inbox.
    async fn stop(self) {
        self.running.drain().await;
        if let Some(first_look) = self.first_look {
            first_look.stop().await;
        }
    }
}
