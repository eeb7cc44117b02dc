//! A connection to Redis for one operation of the store: reads keys, and changes them by script.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisConnectionInfo, RedisError};
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Host;
use weifen_transport::NetworkFault;

use super::address::Address;
use super::capped::{CAP, Capped, Exceeded};
use super::fault::RedisFault;
use super::names::Names;
use super::tls::Tls;
use crate::token::policy::LONGEST_LEASE;

/// Timeout of connecting, and again of the TLS handshake; at most half of the operation's limit.
const CONNECT: Duration = Duration::from_secs(2);

/// Time for which records and ledgers are kept after their last change: longer than a ledger counts back.
const KEPT: Duration = Duration::from_secs(8 * 86_400);

/// Answer of PTTL for a key without an expiry.
const ENDLESS: i64 = -1;

/// A connection that is closed after its operation.
///
/// Operations are hours apart, or wait for another process. A connection kept that long may be dropped by a firewall,
/// cut by a restart, or left behind by a runtime that ended.
pub(super) struct Link {
    connection: MultiplexedConnection,
    is_exceeded: Exceeded,
    /// Task that reads and writes for it; stopped with it.
    _driver: JoinSet<()>,
}

/// The values of a token's keys; empty where a key does not exist.
pub(super) struct Found {
    pub(super) record: Vec<u8>,
    pub(super) ledger: Vec<u8>,
    /// Rest of the lease that somebody holds. One longer than [`LONGEST_LEASE`] is ignored.
    pub(super) taken: Option<Duration>,
}

/// The lease to be granted, with the record and ledger that go with it.
pub(super) struct Grant<'a> {
    pub(super) record: &'a [u8],
    pub(super) ledger: &'a [u8],
    pub(super) lease: &'a str,
    pub(super) lasts: Duration,
}

impl Link {
    /// Connects, for an operation with the timeout `limit`.
    pub(super) async fn open(address: &Address, tls: Option<&Tls>, limit: Duration) -> Result<Self, RedisFault> {
        let connecting = CONNECT.min(limit / 2);
        let connected = timeout(connecting, connect(address)).await.unwrap_or_else(|late| Err(late.into()));
        let stream = connected.map_err(|error| RedisFault::Unreachable(Arc::new(error)))?;
        let Some(tls) = tls else {
            return Self::over(stream, address).await;
        };
        let encrypted = timeout(connecting, tls.encrypt(stream)).await.unwrap_or_else(|late| Err(late.into()));
        Self::over(encrypted.map_err(|error| RedisFault::Tls(NetworkFault::of_tls(&error)))?, address).await
    }

    async fn over<S>(stream: S, address: &Address) -> Result<Self, RedisFault>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let is_exceeded = Exceeded::default();
        let (reading, writing) = tokio::io::split(stream);
        let stream = tokio::io::join(Capped::new(reading, is_exceeded.clone()), writing);
        // The whole operation has one timeout; the connection needs none of its own.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let opened = MultiplexedConnection::new_with_config(&login(address), stream, config).await;
        let (connection, driver) = opened.map_err(|error| fault(error, &[], &is_exceeded))?;
        let mut drivers = JoinSet::new();
        drivers.spawn(driver);
        let mut link = Self { connection, is_exceeded, _driver: drivers };
        link.select(address.database).await?;
        Ok(link)
    }

    /// Selects the database. Sends nothing for database 0, with which each connection begins.
    async fn select(&mut self, database: u32) -> Result<(), RedisFault> {
        if database == 0 {
            return Ok(());
        }
        let mut command = redis::cmd("SELECT");
        let selected: Result<(), _> = command.arg(database).query_async(&mut self.connection).await;
        selected.map_err(|error| match fault(error, &[], &self.is_exceeded) {
            RedisFault::Refused { .. } => RedisFault::Database { database },
            fault => fault,
        })
    }

    pub(super) async fn look(&mut self, names: &Names) -> Result<Found, RedisFault> {
        let mut commands = redis::pipe();
        commands.cmd("GET").arg(&names.record).cmd("GET").arg(&names.ledger).cmd("PTTL").arg(&names.lease);
        let asked = commands.query_async(&mut self.connection).await;
        let (record, ledger, lease): (Option<Vec<u8>>, Option<Vec<u8>>, i64) =
            asked.map_err(|error| fault(error, &[&names.record, &names.ledger], &self.is_exceeded))?;
        if lease == ENDLESS {
            return Err(RedisFault::NotOurs { key: names.lease.clone() });
        }
        let taken = u64::try_from(lease).ok().map(Duration::from_millis);
        Ok(Found {
            record: record.unwrap_or_default(),
            ledger: ledger.unwrap_or_default(),
            taken: taken.filter(|left| *left <= LONGEST_LEASE),
        })
    }

    /// Grants the lease; `false` where the values read have changed, or another holds the lease.
    pub(super) async fn grant(&mut self, names: &Names, read: &Found, grant: &Grant<'_>) -> Result<bool, RedisFault> {
        let mut command = redis::cmd("EVAL");
        command.arg(include_str!("grant.lua")).arg(3).arg(&[&names.record, &names.ledger, &names.lease]);
        command.arg(&read.record).arg(&read.ledger).arg(grant.record).arg(grant.ledger).arg(milliseconds(KEPT));
        command.arg(grant.lease).arg(milliseconds(grant.lasts.min(LONGEST_LEASE)).max(1));
        command.arg(milliseconds(LONGEST_LEASE));
        self.run(&command, names).await
    }

    /// Replaces the record, unless `record` is empty, and releases `lease`; `false` where the read record has changed.
    pub(super) async fn settle(
        &mut self,
        names: &Names,
        read: &Found,
        record: &[u8],
        lease: &str,
    ) -> Result<bool, RedisFault> {
        let mut command = redis::cmd("EVAL");
        command.arg(include_str!("settle.lua")).arg(2).arg(&[&names.record, &names.lease]);
        command.arg(&read.record).arg(record).arg(milliseconds(KEPT)).arg(lease);
        self.run(&command, names).await
    }

    async fn run(&mut self, command: &redis::Cmd, names: &Names) -> Result<bool, RedisFault> {
        // Record and ledger have just been read, so a key of a wrong type is the lease.
        let run = command.query_async(&mut self.connection).await;
        run.map_err(|error| fault(error, &[&names.lease], &self.is_exceeded))
    }
}

async fn connect(address: &Address) -> io::Result<TcpStream> {
    let stream = match &address.host {
        Host::Domain(name) => TcpStream::connect((name.as_str(), address.port)).await?,
        Host::Ipv4(ip) => TcpStream::connect((*ip, address.port)).await?,
        Host::Ipv6(ip) => TcpStream::connect((*ip, address.port)).await?,
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn login(address: &Address) -> RedisConnectionInfo {
    // Sending the library's name is a first exchange, which fails early where the server is no Redis.
    let mut login = RedisConnectionInfo::default().set_lib_name("weifen", env!("CARGO_PKG_VERSION"));
    if let Some(user) = &address.user {
        login = login.set_username(user);
    }
    if let Some(password) = &address.password {
        login = login.set_password(password.expose_secret());
    }
    login
}

/// Returns the fault for a pipeline's error, or for an exceeded cap. `keys` are those of its first commands.
fn fault(error: RedisError, keys: &[&str], is_exceeded: &Exceeded) -> RedisFault {
    if is_exceeded.get() { RedisFault::TooLarge { cap: CAP } } else { RedisFault::of(error, keys) }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
