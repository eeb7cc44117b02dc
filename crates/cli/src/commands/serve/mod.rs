//! `weifen serve`: receives pushes into the inbox and delivers what is in it, until interrupted.

mod delivering;
mod file_handles;
mod first_look;
mod ready;
mod servers;

use std::process::ExitCode;
use std::time::Duration;

use tokio::time::timeout;
use weifen::config::{Config, Sources, Unsolicited};
use weifen::inbox::{Dispatcher, Inbox, ServerLock};

use crate::arguments::{Globals, LogFormat, ServeArguments};
use crate::clients::{Clients, sources};
use crate::failure::Failure;
use crate::output::Output;
use crate::{interrupted, logs, url_argument};
use first_look::FirstLook;
use servers::Servers;

/// How often it is said that nothing was booked.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(600);
/// How long the database may take to be closed.
const CLOSING: Duration = Duration::from_secs(5);

pub(crate) async fn run(arguments: ServeArguments, globals: &Globals, output: Output) -> Result<ExitCode, Failure> {
    let by_default = if output == Output::Json { LogFormat::Json } else { LogFormat::Text };
    let log = arguments.log.unwrap_or(by_default);
    logs::start(log, globals.verbose);
    // Where each setting came from is told in lines, which are no JSON.
    let globals = &Globals { verbose: if log == LogFormat::Json { 0 } else { globals.verbose }, ..globals.clone() };
    // What comes now may wait for a database, a disk or stdin.
    interrupted::end_at_once()?;
    let first_look = if arguments.sandbox { Some(FirstLook::prepare().await?) } else { None };
    let mut sources = sources(globals);
    if let Some(first_look) = &first_look {
        sources = first_look.settings(sources);
    }
    let sources = flags(sources, &arguments)?;
    let clients = Clients::from(sources, globals)?;
    let serving = Serving::start(clients.config(), first_look).await?;
    let interrupted = interrupted::interrupted();
    output.ready(serving.ready()?);
    interrupted.await?;
    tracing::info!("asked to end: what is under way is finished");
    serving.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// The flags, over what is configured.
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

/// All that runs.
struct Serving {
    inbox: Inbox,
    servers: Servers,
    dispatcher: Option<Dispatcher>,
    first_look: Option<FirstLook>,
    drain: Duration,
    _lock: ServerLock,
}

impl Serving {
    async fn start(config: &Config, first_look: Option<FirstLook>) -> Result<Self, Failure> {
        let secrets = config.serve.push_secrets()?;
        let database = config.inbox_database();
        let lock = ServerLock::take(&database)?;
        let inbox = Inbox::open(&database, config.inbox_rules()?).await?;
        if config.serve.keys.is_empty() {
            tracing::warn!("neither serve.keys nor fensi.key is set: a push for any device is taken for ours");
        }
        let dispatcher = delivering::start(config, &inbox, first_look.is_some())?;
        let servers = Servers::start(config, &inbox, &secrets).await?;
        if let Some(first_look) = &first_look {
            first_look.push_to(servers.push_address(), &secrets)?;
        }
        if config.serve.unsolicited != Unsolicited::Pay {
            tokio::spawn(warn_while_nothing_is_booked(inbox.clone()));
        }
        Ok(Self { inbox, servers, dispatcher, first_look, drain: config.serve.drain, _lock: lock })
    }

    /// Receives no more, finishes what was begun, and closes the inbox.
    async fn stop(self) {
        let deliveries = async {
            if let Some(dispatcher) = self.dispatcher {
                dispatcher.stop(self.drain).await;
            }
        };
        tokio::join!(self.servers.stop(self.drain), deliveries);
        // A database that doesn't answer must not hold up the end: what was acknowledged is in it.
        if timeout(CLOSING, self.inbox.close()).await.is_err() {
            tracing::warn!("the database did not let itself be closed");
        }
        if let Some(first_look) = self.first_look {
            first_look.stop().await;
        }
    }
}

async fn warn_while_nothing_is_booked(inbox: Inbox) {
    while let Ok(false) | Err(_) = inbox.has_bookings().await {
        tracing::warn!(
            "nothing is booked: every push is unsolicited; book with `weifen fensi qrcode --book` or `weifen inbox book`"
        );
        tokio::time::sleep(BETWEEN_WARNINGS).await;
    }
}
