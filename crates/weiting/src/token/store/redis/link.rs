//! A connection to Redis for one operation, and what a store does over it: look, and change by script.

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

/// How long connecting may take, and then TLS; never more than half of the operation's time.
const CONNECT: Duration = Duration::from_secs(2);

/// How long records and ledgers are kept after their last change: longer than a ledger counts back.
const KEPT: Duration = Duration::from_secs(8 * 86_400);

/// What PTTL says of a key that never ends by itself.
const ENDLESS: i64 = -1;

/// A connection that ends with its operation.
///
/// Operations are hours apart, or wait for another process: a connection kept from one to the next would be the one that
/// a firewall has forgotten, a restart has cut, or a runtime that ended has left behind.
pub(super) struct Link {
    connection: MultiplexedConnection,
    is_exceeded: Exceeded,
    /// Reads and writes for it; stopped with it.
    _driver: JoinSet<()>,
}

/// What Redis found when it was asked; empty where there was nothing.
pub(super) struct Found {
    pub(super) record: Vec<u8>,
    pub(super) ledger: Vec<u8>,
    /// For how long somebody has the right to fetch. One that lasts longer than any can bars nobody.
    pub(super) taken: Option<Duration>,
}

/// The right to fetch that is to be given.
pub(super) struct Grant<'a> {
    pub(super) record: &'a [u8],
    pub(super) ledger: &'a [u8],
    pub(super) lease: &'a str,
    pub(super) lasts: Duration,
}

impl Link {
    /// Connects, for an operation that may take `limit`.
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
        // The whole operation has one time-out; the connection needs none of its own.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let opened = MultiplexedConnection::new_with_config(&login(address), stream, config).await;
        let (connection, driver) = opened.map_err(|error| fault(error, &[], &is_exceeded))?;
        let mut drivers = JoinSet::new();
        drivers.spawn(driver);
        let mut link = Self { connection, is_exceeded, _driver: drivers };
        link.select(address.database).await?;
        Ok(link)
    }

    /// Switches to the database; where it is the first, which each connection begins with, nothing is asked.
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

    /// Gives the right to fetch; `false` where what was read has changed or another has the right.
    pub(super) async fn grant(&mut self, names: &Names, read: &Found, grant: &Grant<'_>) -> Result<bool, RedisFault> {
        let mut command = redis::cmd("EVAL");
        command.arg(include_str!("grant.lua")).arg(3).arg(&[&names.record, &names.ledger, &names.lease]);
        command.arg(&read.record).arg(&read.ledger).arg(grant.record).arg(grant.ledger).arg(milliseconds(KEPT));
        command.arg(grant.lease).arg(milliseconds(grant.lasts.min(LONGEST_LEASE)).max(1));
        command.arg(milliseconds(LONGEST_LEASE));
        self.run(&command, names).await
    }

    /// Replaces the record, unless `record` is empty, and gives `lease` back; `false` where what was read has changed.
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
    // Saying its name makes for one exchange before all others, in which a stranger shows itself.
    let mut login = RedisConnectionInfo::default().set_lib_name("weifen", env!("CARGO_PKG_VERSION"));
    if let Some(user) = &address.user {
        login = login.set_username(user);
    }
    if let Some(password) = &address.password {
        login = login.set_password(password.expose_secret());
    }
    login
}

/// What the error of a pipeline means, whose first commands were about these keys.
fn fault(error: RedisError, keys: &[&str], is_exceeded: &Exceeded) -> RedisFault {
    if is_exceeded.get() { RedisFault::TooLarge { cap: CAP } } else { RedisFault::of(error, keys) }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
