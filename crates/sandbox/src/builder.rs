//! Sets a sandbox up before it starts.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use jiff::Timestamp;
use url::Url;

use crate::{clock, error::StartError, fensi::delivery, sandbox::Sandbox, start_options::StartOptions};

/// A year and a day: the longest life of a token.
const LONGEST_LIFE: Duration = Duration::from_hours(366 * 24);

/// Sets up a [`Sandbox`]; everything has a default.
#[derive(Clone)]
#[must_use]
pub struct Builder {
    listen: SocketAddr,
    public_url: Option<String>,
    push_url: Option<String>,
    /// All else that a sandbox starts with.
    options: StartOptions,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("listen", &self.listen).finish_non_exhaustive()
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            push_url: None,
            options: StartOptions::default(),
        }
    }
}

impl Sandbox {
    /// Starts one on a free port of 127.0.0.1 with everything at its default.
    ///
    /// # Errors
    /// [`StartError`] when no port is free or no thread can be started.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Sets one up first.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Builder {
    /// The address to listen on; by default 127.0.0.1 and any free port.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// The start of every link the sandbox hands out (`redirect`, the consent page's link, `qrcode_url`,
    /// `server_url`); by default its own address. With one of your own, recordings don't depend on the port.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// The URL that pushes go to; by default none. It is `http://` and a loopback host, unless
    /// [`push_anywhere`](Self::push_anywhere).
    pub fn push_url(mut self, url: impl Into<String>) -> Self {
        self.push_url = Some(url.into());
        self
    }

    /// Lets pushes leave this machine; by default they may not.
    pub fn push_anywhere(mut self, allowed: bool) -> Self {
        self.options.push_anywhere = allowed;
        self
    }

    /// Lets other machines ask for the control actions, where [`listen`](Self::listen) lets them connect; by
    /// default they may not. Whoever may reads all that was sent to the sandbox, and moves its clock and its push URL.
    pub fn control_anywhere(mut self, allowed: bool) -> Self {
        self.options.control_anywhere = allowed;
        self
    }

    /// Lists the 19 scenes of 粉丝万岁's white-label hosts (observed) in the place of the nine documented ones.
    pub fn white_label(mut self, white_label: bool) -> Self {
        self.options.white_label = white_label;
        self
    }

    /// Number of token fetches on one Beijing day; by default 200 (assumed: the vendor documents no number).
    pub fn daily_limit(mut self, fetches: u32) -> Self {
        self.options.daily_limit = fetches;
        self
    }

    /// Life of a token; by default 7200 s (documented).
    pub fn token_life(mut self, life: Duration) -> Self {
        self.options.token_life = life;
        self
    }

    /// Lets a new token end the older ones at once. By default each lives to its own end
    /// (assumed: the vendor documents neither).
    pub fn single_token(mut self, single: bool) -> Self {
        self.options.single_token = single;
        self
    }

    /// Starts with a standing clock that moves only when told to, so that two runs give the same bytes.
    /// By default the clock runs from the machine's time.
    pub fn clock_start(mut self, at: Timestamp) -> Self {
        self.options.fixed_start = Some(at);
        self
    }

    /// Starts with the documented mixture of faults, drawn from this seed: the same seed and requests, the same
    /// faults. [`Sandbox::set_faults`] replaces it, a reset returns to it.
    pub fn chaos(mut self, seed: u64) -> Self {
        self.options.chaos = Some(seed);
        self
    }

    /// Starts the sandbox.
    ///
    /// # Errors
    /// [`StartError`] when the address is in use or a setting is invalid.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let Self { listen, public_url, push_url, mut options } = self;
        if let Some(at) = options.fixed_start.filter(|at| !clock::is_reasonable(*at)) {
            return Err(StartError::ClockStart(at));
        }
        if options.token_life < Duration::from_secs(1) || options.token_life > LONGEST_LIFE {
            return Err(StartError::TokenLife(options.token_life));
        }
        let public_url = public_url.as_deref().map(link_base).transpose()?;
        options.push_url = push_url
            .map(|url| delivery::push_url(&url, options.push_anywhere))
            .transpose()
            .map_err(StartError::PushUrl)?;
        Sandbox::launch(listen, |own_url| StartOptions { public_url: public_url.unwrap_or(own_url), ..options }).await
    }
}

fn link_base(text: &str) -> Result<String, StartError> {
    let refuse = |reason: &str| StartError::PublicUrl(reason.to_owned());
    let url = Url::parse(text).map_err(|error| refuse(&format!("cannot be read: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("must begin with http:// or https://"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("must have neither query nor fragment"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("must not contain a user name or a password"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
