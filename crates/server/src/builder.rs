//! From a configuration to a server that runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use weifen::config::ConfigError;
use weifen::inbox::{Handler, Inbox, OpenError, PushSecrets, Rules, ServerLock, Unsolicited};
use weifen::journal::Journal;
use weifen::{Config, Weifen};

use crate::api::{self, Api, Fenced};
use crate::listeners::{Listeners, PushSide};
use crate::metrics::{Counted, Metrics};
use crate::{Deliveries, Running, StartError, core_dumps, deliveries, expiry, unbooked};

/// Time that a drain has for the end of a call, beyond the call's own time.
const AFTER_A_CALL: Duration = Duration::from_secs(1);

/// A server that is to be started: it takes pushes into the inbox, delivers what is in it, and serves the HTTP API,
/// as a [`Config`] says.
#[derive(Debug)]
#[must_use = "it runs once it is started"]
pub struct Server {
    config: Config,
    handler: Option<Arc<dyn Handler>>,
    figures: fn() -> String,
}

impl Server {
    /// A server as `config` describes it. Without `api.listen` there is no API; with it, there are no pushes where
    /// `serve.push_secret_file` is not set.
    pub fn builder(config: Config) -> Self {
        Self { config, handler: None, figures: String::new }
    }

    /// Hands events to `handler`, in the place of posting them to `serve.deliver_url` or letting callers of the API
    /// claim them.
    pub fn handler(mut self, handler: Arc<dyn Handler>) -> Self {
        self.handler = Some(handler);
        self
    }

    /// Adds to `/metrics` what the program around the server counts: lines in the text format of Prometheus.
    pub fn figures(mut self, text: fn() -> String) -> Self {
        self.figures = text;
        self
    }

    /// Starts the server on the current tokio runtime. It takes pushes once this returns.
    ///
    /// Of the process it raises the soft limit of open files, where that is too low for the connections that the
    /// server may have; and unless `serve.core_dumps` is set, a crash of the process leaves no core file from then
    /// on, and no debugger of its user reads its memory.
    ///
    /// # Errors
    /// [`StartError`]. Nothing runs then.
    pub async fn start(self) -> Result<Running, StartError> {
        let Self { config, handler, figures } = self;
        if !config.serve.core_dumps
            && let Err(error) = core_dumps::forbid()
        {
            tracing::warn!(%error, "cannot disable core files: a crash may write secrets to disk");
        }
        let pushes = pushes(&config)?;
        let database = config.inbox_database();
        let lock = ServerLock::take(&database)?;
        let inbox = Inbox::open(&database).await?;
        let ending = watch::Sender::new(false);
        let push_side = pushes.map(|(secrets, rules)| PushSide { intake: inbox.receiving(rules), secrets });
        let way = Deliveries::of(&config, handler.as_ref());
        let api = api(&config, &inbox, push_side.as_ref(), way, &ending).await?;
        let calls = api.as_ref().map(|(_, api)| api.tasks().clone());
        let dispatcher = deliveries::start(&config, &inbox, handler).await?;
        let mut beside = JoinSet::new();
        if let Some((_, api)) = &api {
            beside.spawn(expiry::erase(api.journal().clone()));
        }
        if push_side.is_some() && config.serve.unsolicited != Unsolicited::Pay {
            beside.spawn(unbooked::warn(inbox.clone()));
        }
        let listeners = Listeners::start(&config, &inbox, push_side, api, figures).await?;
        let drain = config.serve.drain;
        Ok(Running {
            ending,
            inbox,
            listeners,
            deliveries: way,
            dispatcher,
            calls,
            beside,
            drain,
            call_drain: drain.max(config.http.timeout + AFTER_A_CALL),
            _lock: lock,
        })
    }
}

/// What pushes are taken in by; nothing where there is no push secret, and the API is what the server is for.
fn pushes(config: &Config) -> Result<Option<(PushSecrets, Rules)>, StartError> {
    let secrets = match config.serve.push_secrets() {
        Err(ConfigError::NotSet { .. }) if config.api.listen.is_some() => {
            tracing::info!("serve.push_secret_file is not set: weifen receives no pushes");
            return Ok(None);
        }
        secrets => PushSecrets::new(secrets?)?,
    };
    let rules = config.inbox_rules()?;
    if config.serve.keys.is_empty() {
        tracing::warn!("neither serve.keys nor fensi.key is set: weifen accepts pushes for every device");
    }
    Ok(Some((secrets, rules)))
}

/// The API, where it is on. Its operation books QR codes, with the end of the call.
async fn api(
    config: &Config,
    inbox: &Inbox,
    push_side: Option<&PushSide>,
    deliveries: Deliveries,
    ending: &watch::Sender<bool>,
) -> Result<Option<(SocketAddr, Api)>, StartError> {
    let Some(address) = config.api.listen else { return Ok(None) };
    let metrics = Arc::new(Metrics::new());
    let transport = Arc::new(Fenced(config.http.lean_transport()?));
    let clients = Weifen::builder(config.clone()).transport(transport).call_observer(metrics.clone()).build()?;
    let journal = Journal::open(inbox.pool().clone(), api::times(config)).await.map_err(OpenError::from)?;
    let intake = push_side.map(|side| side.intake.clone());
    let api =
        Api::new(config, Counted { clients, metrics }, inbox.clone(), intake, deliveries, journal, ending.subscribe())?;
    Ok(Some((address, api)))
}
