//! The configured clients of a call, and the transport under them.

use std::sync::Arc;

use weifen::Weifen;
use weifen::config::{Config, Sources};
use weifen::fensi::Fensi;
use weifen::proto::Vendor;
use weifen::transport::Transport;
use weifen::weiting::Weiting;

use crate::arguments::Globals;
use crate::failure::Failure;
use crate::stdin::Stdin;
use crate::verbose::{self, ToldTransport};

/// A call's configuration, and what is made from it.
#[derive(Debug)]
pub(crate) struct Clients {
    config: Config,
    verbosity: u8,
}

impl Clients {
    /// Reads the configuration that a command is to use: file, environment, flags.
    ///
    /// # Errors
    /// The first thing that is wrong there.
    pub(crate) fn configured(globals: &Globals) -> Result<Self, Failure> {
        let sources = Sources::from_process_env();
        Self::from(
            match &globals.config {
                Some(file) => sources.file(file),
                None => sources,
            },
            globals,
        )
    }

    /// Takes these sources and the flags over them.
    ///
    /// # Errors
    /// The first thing that is wrong there.
    pub(crate) fn from(mut sources: Sources, globals: &Globals) -> Result<Self, Failure> {
        if let Some(seconds) = &globals.timeout {
            sources = sources.set("http.timeout_s", seconds);
        }
        let clients = Self { config: sources.load()?, verbosity: globals.verbose };
        if globals.verbose > 1 {
            verbose::configuration(&clients.config);
        }
        Ok(clients)
    }

    /// The configuration.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Stdin for the values of a call to `vendor`, whose secret may be read from it.
    pub(crate) fn stdin(&self, vendor: Vendor) -> Stdin {
        let key = self.config.stdin_key();
        Stdin::new(key.filter(|key| key.split('.').next() == Some(vendor.name())))
    }

    /// The client of 微厅.
    ///
    /// # Errors
    /// When its section lacks something or can't be right.
    pub(crate) fn weiting(&self) -> Result<Weiting, Failure> {
        Ok(self.weifen()?.weiting()?)
    }

    /// The client of 粉丝万岁.
    ///
    /// # Errors
    /// When its section lacks something or can't be right.
    pub(crate) fn fensi(&self) -> Result<Fensi, Failure> {
        Ok(self.weifen()?.fensi()?)
    }

    /// What carries requests, as `[http]` says, with bodies of at most `body_cap` bytes.
    ///
    /// # Errors
    /// When `[http]` can't be right.
    pub(crate) fn transport(&self, body_cap: usize) -> Result<Arc<dyn Transport>, Failure> {
        let mut http = self.config.http.clone();
        http.body_cap = body_cap;
        let transport = http.transport()?;
        Ok(if self.verbosity > 0 { Arc::new(ToldTransport::new(transport)) } else { transport })
    }

    fn weifen(&self) -> Result<Weifen, Failure> {
        let transport = self.transport(self.config.http.body_cap)?;
        Ok(Weifen::builder(self.config.clone()).transport(transport).build()?)
    }
}
