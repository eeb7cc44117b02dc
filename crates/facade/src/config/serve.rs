//! `[serve]`: the receiver of pushes, its inbox, and where events are delivered.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::address::PrivateUrl;
use super::error::{ConfigError, Origin};
use super::secret::Secret;
use super::settings::Settings;

/// How long a delivery may take, where nothing else is set and the lease is longer.
const DELIVER_TIMEOUT: Duration = Duration::from_secs(10);

/// Where pushes are stored.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DatabaseUrl {
    /// `sqlite:PATH`: one machine.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`: several machines.
    Postgres(PrivateUrl),
}

/// As the configuration writes it; of a PostgreSQL scheme, host and port alone.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

/// What happens to a push that no booking asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsolicited {
    /// Kept, and delivered only when a person releases it.
    Hold,
    /// Delivered like any other.
    Pay,
    /// Not kept.
    Drop,
}

/// What happens when a user follows an account again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecondFollow {
    /// It is recorded and not delivered.
    Ignore,
    /// It is an event of its own when its `state` is another.
    PerState,
}

/// Where events are posted to, and the key that signs them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Delivery {
    /// `deliver_url`.
    pub url: PrivateUrl,
    /// What `deliver_secret_file` holds, decoded.
    pub secret: SecretSlice<u8>,
}

/// `[serve]`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServeConfig {
    /// `listen`: where pushes arrive; default `127.0.0.1:8320`.
    pub listen: SocketAddr,
    /// `admin_listen`: health and metrics; default `127.0.0.1:8321`.
    pub admin_listen: SocketAddr,
    /// `database`; default `sqlite:inbox.db`.
    pub database: DatabaseUrl,
    pub(super) push_secrets: Secret,
    /// `keys`: device keys that are ours; where none is set, the `key` of `[fensi]`.
    pub keys: Vec<String>,
    /// `unsolicited`; default hold.
    pub unsolicited: Unsolicited,
    /// `second_follow`; default ignore.
    pub second_follow: SecondFollow,
    /// `undecodable_status`: the HTTP status that answers a push which cannot be understood, 200 or
    /// 400; default 200.
    pub undecodable_status: u16,
    /// `allow_ips`: who may push; empty: anyone.
    pub allow_ips: Vec<IpNet>,
    /// `trusted_proxies`: whose forwarded headers are believed; empty: nobody's.
    pub trusted_proxies: Vec<IpNet>,
    /// `deliver_url`: where events are posted to.
    pub deliver_url: Option<PrivateUrl>,
    pub(super) deliver_secret: Secret,
    /// `deliver_timeout_s`: of one delivery; default 10 s, or half of a lease that is not longer than that. Always less
    /// than `lease`.
    pub deliver_timeout: Duration,
    /// `deliver_public_only`: whether deliveries go to public addresses only; default false. Not together with `http.proxy`,
    /// which would look up names itself.
    pub deliver_public_only: bool,
    /// `lease_s`: how long one worker may hold an event; default 30 s.
    pub lease: Duration,
    /// `give_up_after_s`: how long an event's deliveries may fail before it is given up; default 3 days. Never before its
    /// twelfth delivery.
    pub give_up_after: Duration,
    /// `max_attempts`: deliveries before an event is given up, however short the time; default 0, for no such bound.
    pub max_attempts: u32,
    /// `backoff_base_ms`: the first wait between two deliveries; default 500 ms.
    pub backoff_base: Duration,
    /// `drain_s`: how long a server that ends waits for what it has begun; default 10 s.
    pub drain: Duration,
}

impl ServeConfig {
    pub(super) fn read(settings: &Settings) -> Result<Self, ConfigError> {
        let lease = settings.seconds("serve.lease_s", 30, 1..=86_400)?;
        Ok(Self {
            listen: listen(settings, "serve.listen", 8320)?,
            admin_listen: listen(settings, "serve.admin_listen", 8321)?,
            database: database(settings)?,
            push_secrets: Secret::file(settings, "serve.push_secret_file")?,
            keys: device_keys(settings)?,
            unsolicited: settings.word(
                "serve.unsolicited",
                Unsolicited::Hold,
                &[("hold", Unsolicited::Hold), ("pay", Unsolicited::Pay), ("drop", Unsolicited::Drop)],
            )?,
            second_follow: settings.word(
                "serve.second_follow",
                SecondFollow::Ignore,
                &[("ignore", SecondFollow::Ignore), ("per_state", SecondFollow::PerState)],
            )?,
            undecodable_status: undecodable_status(settings)?,
            allow_ips: networks(settings, "serve.allow_ips")?,
            trusted_proxies: networks(settings, "serve.trusted_proxies")?,
            deliver_url: settings.parsed("serve.deliver_url", "an http or https URL", |text| {
                PrivateUrl::parse(text, &["http", "https"], true)
            })?,
            deliver_secret: Secret::file(settings, "serve.deliver_secret_file")?,
            deliver_timeout: deliver_timeout(settings, lease)?,
            deliver_public_only: deliver_public_only(settings)?,
            lease,
            give_up_after: settings.seconds("serve.give_up_after_s", 259_200, 1..=31_536_000)?,
            max_attempts: settings.integer("serve.max_attempts", 0, 0..=1000)?,
            backoff_base: settings.integer("serve.backoff_base_ms", 500, 1..=3_600_000).map(Duration::from_millis)?,
            drain: settings.seconds("serve.drain_s", 10, 0..=3600)?,
        })
    }

    /// The path secrets of `push_secret_file`, one or two, which is read at the first call.
    ///
    /// # Errors
    /// It is not set, its file cannot be read, or holds anything but one or two lines of at least
    /// 128 bits each: 22 base64url or 32 hex characters.
    pub fn push_secrets(&self) -> Result<Vec<SecretString>, ConfigError> {
        let text = self.push_secrets.reveal()?;
        let lines: Vec<_> = text.expose_secret().lines().collect();
        if lines.len() > 2 {
            return Err(self.push_secrets.wrong("at most two secrets, one a line"));
        }
        if let Some(weak) = lines.iter().position(|line| !has_128_bits(line)) {
            let number = weak + 1;
            let expected = format!("22 or more base64url or 32 or more hex characters in line {number}");
            return Err(self.push_secrets.wrong(&expected));
        }
        Ok(lines.into_iter().map(SecretString::from).collect())
    }

    /// The signing key that `deliver_secret_file` holds in the form of Standard Webhooks, decoded;
    /// the file is read at the first call.
    ///
    /// # Errors
    /// It is not set, its file cannot be read, or is not `whsec_` with at least 16 bytes in base64.
    /// Standard Webhooks advises 24 to 64 bytes.
    pub fn deliver_secret(&self) -> Result<SecretSlice<u8>, ConfigError> {
        let text = self.deliver_secret.reveal()?;
        let encoded = text.expose_secret().strip_prefix("whsec_");
        let key = encoded
            .map(|encoded| encoded.trim_end_matches('='))
            .and_then(|encoded| STANDARD_NO_PAD.decode(encoded).ok())
            .filter(|key| key.len() >= 16);
        key.map(SecretSlice::from).ok_or_else(|| {
            let expected = "whsec_ followed by 16 or more bytes in base64";
            self.deliver_secret.wrong(expected)
        })
    }

    /// Where events are posted to, and the key that signs them; `None` where neither is set.
    ///
    /// # Errors
    /// Only one of `deliver_url` and `deliver_secret_file` is set; or as for [`deliver_secret`](Self::deliver_secret).
    pub fn delivery(&self) -> Result<Option<Delivery>, ConfigError> {
        match (&self.deliver_url, self.deliver_secret.is_set()) {
            (None, false) => Ok(None),
            (None, true) => Err(self.deliver_secret.useless_without("serve.deliver_url")),
            (Some(url), _) => Ok(Some(Delivery { url: url.clone(), secret: self.deliver_secret()? })),
        }
    }
}

/// It must end before another worker may take the event. Blames the key that was given; the other may be a default.
fn deliver_timeout(settings: &Settings, lease: Duration) -> Result<Duration, ConfigError> {
    let (timeout_key, lease_key) = ("serve.deliver_timeout_s", "serve.lease_s");
    if settings.origin(timeout_key) == Origin::Default {
        return Ok(if lease > DELIVER_TIMEOUT { DELIVER_TIMEOUT } else { lease / 2 });
    }
    let timeout = settings.seconds(timeout_key, DELIVER_TIMEOUT.as_secs(), 1..=3600)?;
    if timeout < lease {
        Ok(timeout)
    } else if settings.origin(lease_key) == Origin::Default {
        let seconds = lease.as_secs();
        Err(settings.wrong(timeout_key, &format!("less than {lease_key}, which is {seconds}")))
    } else {
        let seconds = timeout.as_secs();
        Err(settings.wrong(lease_key, &format!("more than {timeout_key}, which is {seconds}")))
    }
}

fn deliver_public_only(settings: &Settings) -> Result<bool, ConfigError> {
    let key = "serve.deliver_public_only";
    let public_only = settings.boolean(key, false)?;
    if public_only && settings.origin("http.proxy") != Origin::Default {
        return Err(settings.wrong(key, "false beside http.proxy, as a proxy looks up names itself"));
    }
    Ok(public_only)
}

fn listen(settings: &Settings, key: &'static str, port: u16) -> Result<SocketAddr, ConfigError> {
    let expected = "an IP address and a port, such as 127.0.0.1:8320";
    let given = settings.parsed(key, expected, |text| text.parse().ok())?;
    Ok(given.unwrap_or(SocketAddr::from(([127, 0, 0, 1], port))))
}

fn database(settings: &Settings) -> Result<DatabaseUrl, ConfigError> {
    let key = "serve.database";
    if let Some(path) = settings.path_after(key, "sqlite:")? {
        let parameters = path.to_string_lossy().rsplit_once('?').is_some_and(|(_, after)| after.contains('='));
        return if parameters {
            Err(settings.wrong(key, "sqlite:PATH without parameters: weifen sets what SQLite needs"))
        } else {
            Ok(DatabaseUrl::Sqlite(path))
        };
    }
    let given = settings.parsed(key, "sqlite:PATH or postgres://HOST/DATABASE", |text| {
        PrivateUrl::parse(text, &["postgres", "postgresql"], false).map(DatabaseUrl::Postgres)
    })?;
    Ok(given.unwrap_or_else(|| DatabaseUrl::Sqlite(PathBuf::from("inbox.db"))))
}

fn device_keys(settings: &Settings) -> Result<Vec<String>, ConfigError> {
    let mut keys = settings.list("serve.keys", "a list of texts", |key| Some(key.to_owned()))?;
    if keys.is_empty() {
        keys.extend(settings.text("fensi.key")?.map(str::to_owned));
    }
    Ok(keys)
}

fn networks(settings: &Settings, key: &'static str) -> Result<Vec<IpNet>, ConfigError> {
    let expected = "a list of IP addresses or networks, such as 192.0.2.0/24";
    settings.list(key, expected, |text| {
        let network = text.parse::<IpNet>().ok();
        let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
        network.or_else(address).map(|network| network.trunc())
    })
}

fn undecodable_status(settings: &Settings) -> Result<u16, ConfigError> {
    let key = "serve.undecodable_status";
    match settings.integer(key, 200, 0..=i64::MAX) {
        Ok(status @ (200 | 400)) => Ok(status),
        _ => Err(settings.wrong(key, "200 or 400")),
    }
}

/// A text of hex digits alone has four bits a character, else six.
fn has_128_bits(secret: &str) -> bool {
    let base64url = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let hex = secret.chars().all(|c| c.is_ascii_hexdigit());
    secret.chars().all(base64url) && secret.len() >= if hex { 32 } else { 22 }
}
