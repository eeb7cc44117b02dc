//! From a configuration to a server that runs.

use std::sync::Arc;

use tokio::task::JoinSet;
use weifen::Config;
use weifen::inbox::{Handler, Inbox, PushSecrets, ServerLock, Unsolicited};

use crate::listeners::Listeners;
use crate::{Running, StartError, core_dumps, deliveries, unbooked};

/// A server that is to be started: it takes pushes into the inbox and delivers what is in it, as a [`Config`] says.
#[derive(Debug)]
#[must_use = "it runs once it is started"]
pub struct Server {
    config: Config,
    handler: Option<Arc<dyn Handler>>,
    figures: fn() -> String,
}

impl Server {
    /// A server as `[serve]`, `[fensi]` and `[http]` of `config` describe it.
    pub fn builder(config: Config) -> Self {
        Self { config, handler: None, figures: String::new }
    }

    /// Hands events to `handler`, in the place of posting them to `serve.deliver_url`.
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
    /// Of the process it raises the soft limit of open files, where that is too low for the connections that the server
    /// may have; and unless `serve.core_dumps` is set, a crash of the process leaves no core file from then on, and no
    /// debugger of its user reads its memory.
    ///
    /// # Errors
    /// [`StartError`]. Nothing runs then.
    pub async fn start(self) -> Result<Running, StartError> {
        let Self { config, handler, figures } = self;
        if !config.serve.core_dumps
            && let Err(error) = core_dumps::forbid()
        {
            tracing::warn!(%error, "a crash may leave secrets in a core file: the system does not take that it must not");
        }
        let secrets = PushSecrets::new(config.serve.push_secrets()?)?;
        let rules = config.inbox_rules()?;
        let database = config.inbox_database();
        let lock = ServerLock::take(&database)?;
        let inbox = Inbox::open(&database).await?;
        if config.serve.keys.is_empty() {
            tracing::warn!("neither serve.keys nor fensi.key is set: a push for any device is taken for ours");
        }
        let dispatcher = deliveries::start(&config, &inbox, handler)?;
        let listeners = Listeners::start(&config.serve, inbox.receiving(rules), secrets, figures).await?;
        let mut beside = JoinSet::new();
        if config.serve.unsolicited != Unsolicited::Pay {
            beside.spawn(unbooked::warn(inbox.clone()));
        }
        Ok(Running { inbox, listeners, dispatcher, beside, drain: config.serve.drain, _lock: lock })
    }
}
