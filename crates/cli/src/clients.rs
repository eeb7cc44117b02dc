//! The configured clients of a call, and the transport under them.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use weifen::config::{Config, Sources, TokenStoreUrl};
use weifen::fensi::{Bookings, Fensi};
use weifen::proto::Vendor;
use weifen::transport::{Deadline, Transport};
use weifen::weiting::Weiting;
use weifen::{Weifen, WeifenBuilder};

use crate::arguments::Globals;
use crate::failure::Failure;
use crate::interrupted::interrupted;
use crate::own_thread::OwnThread;
use crate::state_folder;
use crate::stdin::Stdin;
use crate::url_argument;
use crate::verbose::{self, ToldDrift, ToldTransport};

/// Time that a command waits beyond its timeout for what it began.
const LATE: Duration = Duration::from_millis(500);

/// The configuration of a command, and the clients that are made from it.
#[derive(Debug)]
pub(crate) struct Clients {
    config: Config,
    verbosity: u8,
    begun: Instant,
    weiting: OnceCell<Weiting>,
}

impl Clients {
    /// Reads a command's configuration: file, environment, flags.
    ///
    /// # Errors
    /// The first fault in the configuration.
    pub(crate) fn configured(globals: &Globals) -> Result<Self, Failure> {
        Self::from(sources(globals), globals)
    }

    /// The same, with the database of `--database`, if given.
    ///
    /// # Errors
    /// The first fault in the configuration, or in that URL.
    pub(crate) fn with_database(globals: &Globals, database: Option<String>) -> Result<Self, Failure> {
        let mut sources = sources(globals);
        if let Some(url) = database {
            sources = sources.set("serve.database", url_argument::database(url)?);
        }
        Self::from(sources, globals)
    }

    /// Reads these sources, with the flags over them.
    ///
    /// # Errors
    /// The first fault in the configuration.
    pub(crate) fn from(mut sources: Sources, globals: &Globals) -> Result<Self, Failure> {
        if let Some(seconds) = &globals.timeout {
            sources = sources.set("http.timeout_s", seconds);
        }
        let clients = Self {
            config: sources.load()?,
            verbosity: globals.verbose,
            begun: Instant::now(),
            weiting: OnceCell::new(),
        };
        if globals.verbose > 1 {
            verbose::configuration(&clients.config);
        }
        Ok(clients)
    }

    /// The configuration.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Stdin for the values of a call to `vendor`; the vendor's secret may come from it too.
    pub(crate) fn stdin(&self, vendor: Vendor) -> Stdin {
        let key = self.config.stdin_key();
        Stdin::new(key.filter(|key| key.split('.').next() == Some(vendor.name())))
    }

    /// The client of 微厅. Its token is kept in the store of [`token_store`](Self::token_store).
    ///
    /// # Errors
    /// When `[weiting]` lacks a key or has a wrong value, or no folder for the token is known.
    pub(crate) fn weiting(&self) -> Result<Weiting, Failure> {
        if let Some(weiting) = self.weiting.get() {
            return Ok(weiting.clone());
        }
        let mut config = self.config.clone();
        config.weiting.token_store = Some(self.token_store()?);
        let weiting = self.weifen(config)?.build()?.weiting()?;
        Ok(self.weiting.get_or_init(|| weiting).clone())
    }

    /// The store of the token: the configured one, else a file that all of this user's programs share.
    ///
    /// # Errors
    /// When no store is configured, and no folder for the file is known.
    pub(crate) fn token_store(&self) -> Result<TokenStoreUrl, Failure> {
        match &self.config.weiting.token_store {
            Some(store) => Ok(store.clone()),
            None => Ok(TokenStoreUrl::File(state_folder::of_this_user()?.join("token.json"))),
        }
    }

    /// The command's deadline: its timeout, plus a margin for calls that time out by themselves with a reason.
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline::after((self.config.http.timeout + LATE).saturating_sub(self.begun.elapsed()))
    }

    /// Waits for a token renewal that runs beside the command's calls, until the deadline or an interrupt: the fetch
    /// has been counted. Its outcome does not change the command's.
    pub(crate) async fn settle(&self) {
        let Some(tokens) = self.weiting.get().map(Weiting::tokens) else { return };
        tokio::select! {
            biased;
            _ = self.deadline().wait(tokens.settle()) => {}
            _ = interrupted() => {}
        }
    }

    /// The client of 粉丝万岁.
    ///
    /// # Errors
    /// When its section lacks a key or has a wrong value.
    pub(crate) fn fensi(&self) -> Result<Fensi, Failure> {
        Ok(self.weifen(self.config.clone())?.build()?.fensi()?)
    }

    /// The client of 粉丝万岁 that books each QR code before it returns it.
    ///
    /// # Errors
    /// When its section lacks a key or has a wrong value.
    pub(crate) fn fensi_with(&self, bookings: Arc<dyn Bookings>) -> Result<Fensi, Failure> {
        Ok(self.weifen(self.config.clone())?.bookings(bookings).build()?.fensi()?)
    }

    /// The transport, configured by `[http]`, for bodies of at most `body_cap` bytes.
    ///
    /// # Errors
    /// When `[http]` has a wrong value.
    pub(crate) fn transport(&self, body_cap: usize) -> Result<Arc<dyn Transport>, Failure> {
        let mut http = self.config.http.clone();
        http.body_cap = body_cap;
        let own_thread = OwnThread::start(http.transport()?);
        let transport: Arc<dyn Transport> = Arc::new(own_thread.map_err(|e| Failure::config(&e))?);
        Ok(if self.verbosity > 0 { Arc::new(ToldTransport::new(transport)) } else { transport })
    }

    fn weifen(&self, config: Config) -> Result<WeifenBuilder, Failure> {
        let transport = self.transport(config.http.body_cap)?;
        let builder = Weifen::builder(config).transport(transport);
        Ok(if self.verbosity > 0 { builder.drift_observer(Arc::new(ToldDrift)) } else { builder })
    }
}

/// The environment, and the file of `--config` or the one that is found.
pub(crate) fn sources(globals: &Globals) -> Sources {
    let sources = Sources::from_process_env();
    match &globals.config {
        Some(file) => sources.file(file),
        None => sources,
    }
}
