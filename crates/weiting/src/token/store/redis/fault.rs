//! Errors of Redis, in words of our own: its own messages may quote what was sent to it.

use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use redis::{ErrorKind, RedisError};
use weifen_transport::{NetworkFault, StoreErrorKind};

/// Error of a Redis store; [`kind`](Self::kind) says if a retry can help. Unless a variant says so, nothing changed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RedisFault {
    /// The connection could not be opened. A retry works once Redis runs and can be reached.
    #[error("no connection; check that Redis runs at this address and that this machine can reach it")]
    Unreachable(#[source] Arc<io::Error>),
    /// The TLS handshake failed: correct certificate, authorities or port. After a timeout or a loss a retry may work.
    #[error("no TLS: {}; {}", .0, .0.advice().unwrap_or("check that Redis uses TLS on this port"))]
    Tls(NetworkFault),
    /// The operation timed out. A change may have been made; a retry may work.
    #[error(
        "timed out after {} s waiting for an answer; check that Redis is not stopped or overloaded",
        waited.as_secs_f64()
    )]
    TimedOut {
        /// Time that was waited.
        waited: Duration,
    },
    /// The connection was lost before the answer. A change may have been made; a retry may work.
    #[error("the connection was closed before the answer; read the log of Redis")]
    Closed,
    /// The server does not speak Redis' protocol, or wants TLS: correct host, port or scheme.
    #[error("the server at this address is not Redis, or requires TLS; check host, port and scheme")]
    NotRedis,
    /// User and password are wrong or missing: correct the URL.
    #[error("Redis rejected the user and password, or requires them; set them in the URL, redis://user:password@host")]
    Authentication,
    /// The user lacks a permission that the store needs: grant it with ACL SETUSER.
    #[error(
        "Redis denied this user a command. The store needs GET, SET, DEL, PTTL and EVAL on keys weifen:*, and SELECT \
         if the URL names a database; grant them with ACL SETUSER"
    )]
    Permission,
    /// There is no database of the URL's number: correct the URL, or raise `databases`.
    #[error(
        "Redis has no database {database}: raise `databases` in its configuration, or use another database in the \
         URL; a cluster has only database 0"
    )]
    Database {
        /// Number of the database.
        database: u32,
    },
    /// This Redis is a read-only replica: name its master. After a failover a retry works in a while.
    #[error("this Redis is a read-only replica; use the URL of its master")]
    ReadOnly,
    /// Redis is out of memory: raise `maxmemory` or delete keys. A retry works then.
    #[error("Redis is out of memory; raise maxmemory, or delete other keys")]
    OutOfMemory,
    /// Redis can't save or replicate writes, and rejects them: read its log. A retry works after that is fixed.
    #[error("Redis rejects writes because it cannot save or replicate them; read the log of Redis")]
    CannotPersist,
    /// Redis is starting, busy, without its master, or at its limit of clients. A retry may work.
    #[error("Redis is starting, is busy, has lost its master or has too many clients; try again later")]
    NotReady,
    /// Another node of the cluster keeps the key: name that node, or a proxy.
    #[error(
        "another node of this cluster stores the token; use the URL of that node, or of a proxy in front of the \
         cluster"
    )]
    OtherNode,
    /// Redis sent more than the cap, and the rest was not read: check the URL, and the size of the keys `weifen:*`.
    #[error(
        "Redis sent more than {} KiB, which is more than a token store writes; check that the URL is that of your \
         Redis, and check the size of the keys weifen:*", cap >> 10
    )]
    TooLarge {
        /// Number of bytes that are read at most.
        cap: usize,
    },
    /// A key holds something that no weifen wrote: delete it.
    #[error("the key {key} has a value that no token store wrote; delete the key")]
    NotOurs {
        /// The key.
        key: String,
    },
    /// Other processes changed the same token during each attempt. A retry may work.
    #[error("other processes kept changing the same token; try again later")]
    Contended,
    /// Redis refused a command for another reason: see its log.
    #[error("Redis refused a command with the code {code}; read the log of Redis")]
    Refused {
        /// The code that its error begins with.
        code: RedisCode,
    },
}

/// The code that an error of Redis begins with: a word in capitals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisCode(String);

impl RedisCode {
    /// Takes 1 to 16 capitals as a code; any other text may be a secret and becomes `ERR`.
    fn new(code: &str) -> Self {
        let is_code = (1..=16).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase());
        Self(if is_code { code.to_owned() } else { "ERR".to_owned() })
    }
}

impl fmt::Display for RedisCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl RedisFault {
    /// Returns the kind of store error: if the same call may succeed later, or something must be corrected first.
    pub fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Unreachable(_)
            | Self::TimedOut { .. }
            | Self::Closed
            // A failover leaves it for a while.
            | Self::ReadOnly
            | Self::OutOfMemory
            | Self::CannotPersist
            | Self::NotReady
            | Self::Contended
            | Self::Tls(NetworkFault::ConnectTimedOut | NetworkFault::Lost(_) | NetworkFault::HandshakeClosed(_)) => {
                StoreErrorKind::Unavailable
            }
            Self::Tls(_)
            | Self::NotRedis
            | Self::Authentication
            | Self::Permission
            | Self::Database { .. }
            | Self::OtherNode
            | Self::TooLarge { .. }
            | Self::NotOurs { .. }
            | Self::Refused { .. } => StoreErrorKind::Unusable,
        }
    }

    /// Returns the fault for a pipeline's error. `keys` are those of its first commands, in their order.
    pub(super) fn of(error: RedisError, keys: &[&str]) -> Self {
        match error.kind() {
            ErrorKind::Io => return Self::Closed,
            ErrorKind::AuthenticationFailed => return Self::Authentication,
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => return Self::NotRedis,
            _ => {}
        }
        let errors = error.into_server_errors();
        let Some((index, error)) = errors.as_deref().and_then(<[_]>::first) else { return Self::of_code("", "") };
        // The only temporary refusal without a code of its own.
        if error.details().is_some_and(|details| details.starts_with("max number of clients")) {
            return Self::NotReady;
        }
        Self::of_code(error.code(), keys.get(*index).copied().unwrap_or_default())
    }

    fn of_code(code: &str, key: &str) -> Self {
        match code {
            "NOAUTH" | "WRONGPASS" => Self::Authentication,
            "NOPERM" => Self::Permission,
            "READONLY" => Self::ReadOnly,
            "OOM" => Self::OutOfMemory,
            "MISCONF" | "NOREPLICAS" => Self::CannotPersist,
            "LOADING" | "BUSY" | "MASTERDOWN" | "TRYAGAIN" | "CLUSTERDOWN" => Self::NotReady,
            "MOVED" | "ASK" | "CROSSSLOT" => Self::OtherNode,
            "WRONGTYPE" => Self::NotOurs { key: key.to_owned() },
            other => Self::Refused { code: RedisCode::new(other) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_is_none_is_not_printed() {
        for (code, printed) in [("EXECABORT", "EXECABORT"), ("=a-Token", "ERR"), ("", "ERR")] {
            let fault = RedisFault::of_code(code, "key");
            assert_eq!(
                fault.to_string(),
                format!("Redis refused a command with the code {printed}; read the log of Redis")
            );
        }
    }
}
