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
#[cfg(feature = "inbox")]
use crate::inbox::{SecondFollow, UndecodableStatus, Unsolicited};

/// Where pushes are stored.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DatabaseUrl {
    /// `sqlite:PATH`: one machine.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`: several machines.
    Postgres(PrivateUrl),
}

impl DatabaseUrl {
    pub(super) fn read(settings: &Settings, key: &'static str) -> Result<Self, ConfigError> {
        if let Some(path) = settings.path_after(key, "sqlite:")? {
            let parameters = path.to_string_lossy().rsplit_once('?').is_some_and(|(_, after)| after.contains('='));
            return if parameters {
                Err(settings.wrong(key, "sqlite:PATH without parameters: weifen sets what SQLite needs"))
            } else {
                Ok(Self::Sqlite(path))
            };
        }
        settings.value(key, |text| PrivateUrl::parse(text, &["postgres", "postgresql"], false).map(Self::Postgres))
    }
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
    /// `listen`: where pushes arrive.
    pub listen: SocketAddr,
    /// `admin_listen`: health and metrics.
    pub admin_listen: SocketAddr,
    /// `database`: where pushes are stored.
    pub database: DatabaseUrl,
    pub(super) push_secrets: Secret,
    /// `keys`: device keys that are ours; where none is set, the `key` of `[fensi]`.
    pub keys: Vec<String>,
    /// `unsolicited`: what happens to a push that no booking asked for.
    #[cfg(feature = "inbox")]
    pub unsolicited: Unsolicited,
    /// `second_follow`: what happens when a user follows an account again.
    #[cfg(feature = "inbox")]
    pub second_follow: SecondFollow,
    /// `undecodable_status`: the HTTP status that answers a push which cannot be understood.
    #[cfg(feature = "inbox")]
    pub undecodable_status: UndecodableStatus,
    /// `quarantine_mib`: most bytes that quarantine and held events may have together.
    pub quarantine_bytes: u64,
    /// `quarantine_rate`: most pushes a minute that one sender may bring into quarantine or held.
    pub quarantine_rate: u32,
    /// `allow_ips`: who may push; empty: anyone.
    pub allow_ips: Vec<IpNet>,
    /// `trusted_proxies`: whose forwarded headers are believed; empty: nobody's.
    pub trusted_proxies: Vec<IpNet>,
    /// `deliver_url`: where events are posted to.
    pub deliver_url: Option<PrivateUrl>,
    pub(super) deliver_secret: Secret,
    /// `deliver_timeout_s`: of one delivery. Always less than `lease`.
    pub deliver_timeout: Duration,
    /// `deliver_public_only`: whether deliveries go to public addresses only. Not together with `http.proxy`,
    /// which would look up names itself.
    pub deliver_public_only: bool,
    /// `lease_s`: how long one worker may hold an event.
    pub lease: Duration,
    /// `give_up_after_s`: how long an event's deliveries may fail before it is given up, which is never before its
    /// twelfth delivery.
    pub give_up_after: Duration,
    /// `max_attempts`: deliveries before an event is given up, however short the time; 0 for no such bound.
    pub max_attempts: u32,
    /// `backoff_base_ms`: the first wait between two deliveries.
    pub backoff_base: Duration,
    /// `drain_s`: how long a server that ends waits for what it has begun.
    pub drain: Duration,
    /// `core_dumps`: whether a crash may leave the server's memory, and in it secrets, in a file.
    pub core_dumps: bool,
}

/// The device is none of `serve.keys`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this device is not in serve.keys (else fensi.key), so its push would go to quarantine; correct the key, or add \
     it to serve.keys"
)]
pub struct ForeignDevice;

impl ServeConfig {
    /// Checks that pushes for the device `key` are taken: that of any other goes to quarantine, so that no booking of
    /// it is met.
    ///
    /// # Errors
    /// The device is not in `keys`.
    pub fn check_device(&self, key: &str) -> Result<(), ForeignDevice> {
        if self.keys.is_empty() || self.keys.iter().any(|known| known == key) {
            return Ok(());
        }
        Err(ForeignDevice)
    }

    pub(super) fn read(settings: &Settings) -> Result<Self, ConfigError> {
        let lease = settings.seconds("serve.lease_s")?;
        Ok(Self {
            listen: settings.value("serve.listen", |text| text.parse().ok())?,
            admin_listen: settings.value("serve.admin_listen", |text| text.parse().ok())?,
            database: DatabaseUrl::read(settings, "serve.database")?,
            push_secrets: Secret::file(settings, "serve.push_secret_file")?,
            keys: device_keys(settings)?,
            #[cfg(feature = "inbox")]
            unsolicited: settings.word(
                "serve.unsolicited",
                &[("hold", Unsolicited::Hold), ("pay", Unsolicited::Pay), ("drop", Unsolicited::Drop)],
            )?,
            #[cfg(feature = "inbox")]
            second_follow: settings.word(
                "serve.second_follow",
                &[("ignore", SecondFollow::Ignore), ("per_state", SecondFollow::PerState)],
            )?,
            #[cfg(feature = "inbox")]
            undecodable_status: settings.number(
                "serve.undecodable_status",
                &[(200, UndecodableStatus::Ok), (400, UndecodableStatus::BadRequest)],
            )?,
            quarantine_bytes: settings.integer::<u64>("serve.quarantine_mib")? << 20,
            quarantine_rate: settings.integer("serve.quarantine_rate")?,
            allow_ips: settings.list("serve.allow_ips", network)?,
            trusted_proxies: settings.list("serve.trusted_proxies", network)?,
            deliver_url: settings.parsed("serve.deliver_url", PrivateUrl::http)?,
            deliver_secret: Secret::file(settings, "serve.deliver_secret_file")?,
            deliver_timeout: deliver_timeout(settings, lease)?,
            deliver_public_only: deliver_public_only(settings)?,
            lease,
            give_up_after: settings.seconds("serve.give_up_after_s")?,
            max_attempts: settings.integer("serve.max_attempts")?,
            backoff_base: settings.integer("serve.backoff_base_ms").map(Duration::from_millis)?,
            drain: settings.seconds("serve.drain_s")?,
            core_dumps: settings.boolean("serve.core_dumps")?,
        })
    }

    /// The path secrets of `push_secret_file`, one or two, which is read at the first call.
    ///
    /// # Errors
    /// The key is not set, its file cannot be read, or holds anything but one or two lines of at least
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
    /// The key is not set, its file cannot be read, or is not `whsec_` with at least 16 bytes in base64.
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
    let timeout = settings.seconds(timeout_key)?;
    if timeout < lease {
        Ok(timeout)
    } else if settings.origin(timeout_key) == Origin::Default {
        Ok(lease / 2)
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
    let public_only = settings.boolean(key)?;
    if public_only && settings.origin("http.proxy") != Origin::Default {
        return Err(settings.wrong(key, "false if http.proxy is set, because a proxy resolves names itself"));
    }
    Ok(public_only)
}

fn device_keys(settings: &Settings) -> Result<Vec<String>, ConfigError> {
    let mut keys = settings.list("serve.keys", |key| Some(key.to_owned()))?;
    if keys.is_empty() {
        keys.extend(settings.text("fensi.key")?.map(str::to_owned));
    }
    Ok(keys)
}

fn network(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().ok();
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    network.or_else(address).map(|network| network.trunc())
}

/// A text of hex digits alone has four bits a character, else six.
fn has_128_bits(secret: &str) -> bool {
    let base64url = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let hex = secret.chars().all(|c| c.is_ascii_hexdigit());
    secret.chars().all(base64url) && secret.len() >= if hex { 32 } else { 22 }
}
