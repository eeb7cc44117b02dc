//! A connection to Redis for one operation of the store: reads keys, and changes them by script.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Host;
use weifen_transport::NetworkFault;

use super::address::Address;
use super::fault::RedisFault;
use super::names::Names;
use super::tls::Tls;
use super::wire::Wire;
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
    wire: Wire,
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
        let wire = match tls {
            None => Wire::over(stream),
            Some(tls) => {
                let encrypting = timeout(connecting, tls.encrypt(stream));
                let encrypted = encrypting.await.unwrap_or_else(|late| Err(late.into()));
                Wire::over(encrypted.map_err(|error| RedisFault::Tls(NetworkFault::of_tls(&error)))?)
            }
        };
        let mut link = Self { wire };
        link.log_in(address).await?;
        link.select(address.database).await?;
        Ok(link)
    }

    async fn log_in(&mut self, address: &Address) -> Result<(), RedisFault> {
        let Some(password) = &address.password else { return Ok(()) };
        let mut words = vec![&b"AUTH"[..]];
        words.extend(address.user.iter().map(String::as_bytes));
        words.push(password.expose_secret().as_bytes());
        self.wire.send(&[&words]).await?;
        self.wire.status().await.map_err(|fault| match fault {
            RedisFault::Refused { .. } => RedisFault::Authentication,
            fault => fault,
        })
    }

    /// Selects the database. Sends nothing for database 0, with which each connection begins.
    async fn select(&mut self, database: u32) -> Result<(), RedisFault> {
        if database == 0 {
            return Ok(());
        }
        self.wire.send(&[&[b"SELECT", database.to_string().as_bytes()]]).await?;
        self.wire.status().await.map_err(|fault| match fault {
            RedisFault::Refused { .. } => RedisFault::Database { database },
            fault => fault,
        })
    }

    pub(super) async fn look(&mut self, names: &Names) -> Result<Found, RedisFault> {
        let [record, ledger, lease] = [&names.record, &names.ledger, &names.lease].map(String::as_bytes);
        self.wire.send(&[&[b"GET", record], &[b"GET", ledger], &[b"PTTL", lease]]).await?;
        let record = self.wire.text(&names.record).await?;
        let ledger = self.wire.text(&names.ledger).await?;
        let lease = self.wire.number(&names.lease).await?;
        if lease == ENDLESS {
            return Err(RedisFault::NotOurs { key: names.lease.clone() });
        }
        let taken = u64::try_from(lease).ok().map(Duration::from_millis);
        Ok(Found { record, ledger, taken: taken.filter(|left| *left <= LONGEST_LEASE) })
    }

    /// Grants the lease; `false` where the values read have changed, or another holds the lease.
    pub(super) async fn grant(&mut self, names: &Names, read: &Found, grant: &Grant<'_>) -> Result<bool, RedisFault> {
        let keys = [&names.record, &names.ledger, &names.lease];
        let lasts = milliseconds(grant.lasts.clamp(Duration::from_millis(1), LONGEST_LEASE));
        let (kept, longest) = (milliseconds(KEPT), milliseconds(LONGEST_LEASE));
        let values: [&[u8]; 8] = [
            &read.record,
            &read.ledger,
            grant.record,
            grant.ledger,
            kept.as_bytes(),
            grant.lease.as_bytes(),
            lasts.as_bytes(),
            longest.as_bytes(),
        ];
        self.run(include_str!("grant.lua"), &keys, &values, names).await
    }

    /// Replaces the record, unless `record` is empty, and releases `lease`; `false` where the read record has changed.
    pub(super) async fn settle(
        &mut self,
        names: &Names,
        read: &Found,
        record: &[u8],
        lease: &str,
    ) -> Result<bool, RedisFault> {
        let kept = milliseconds(KEPT);
        let values: [&[u8]; 4] = [&read.record, record, kept.as_bytes(), lease.as_bytes()];
        self.run(include_str!("settle.lua"), &[&names.record, &names.lease], &values, names).await
    }

    async fn run(
        &mut self,
        script: &str,
        keys: &[&String],
        values: &[&[u8]],
        names: &Names,
    ) -> Result<bool, RedisFault> {
        let count = keys.len().to_string();
        let mut words = vec![&b"EVAL"[..], script.as_bytes(), count.as_bytes()];
        words.extend(keys.iter().map(|key| key.as_bytes()));
        words.extend(values);
        self.wire.send(&[&words]).await?;
        // Record and ledger have just been read, so a key of a wrong type is the lease.
        Ok(self.wire.number(&names.lease).await? != 0)
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

fn milliseconds(time: Duration) -> String {
    time.as_millis().to_string()
}
