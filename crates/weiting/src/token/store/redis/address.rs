//! Where a Redis is: its URL, taken apart, with the password out of sight.

use std::fmt;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};
use weifen_proto::InvalidRequest;

const PORT: u16 = 6379;

/// What a Redis URL says.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) host: Host<String>,
    pub(super) port: u16,
    pub(super) database: u32,
    pub(super) user: Option<String>,
    pub(super) password: Option<SecretString>,
}

impl Address {
    /// Takes `redis://[[user]:password@]host[:port][/database]` apart.
    pub(super) fn parse(url: &str) -> Result<Self, InvalidRequest> {
        let url = Url::parse(url).map_err(|_| NOT_A_URL)?;
        if url.scheme() == "rediss" {
            return Err(TLS);
        }
        if url.scheme() != "redis" {
            return Err(NOT_A_URL);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(HAS_QUERY);
        }
        let host = url.host().map(|host| host.to_owned()).ok_or(NOT_A_URL)?;
        let user = Some(decoded(url.username())?).filter(|user| !user.is_empty());
        let password = url.password().map(decoded).transpose()?.filter(|password| !password.is_empty());
        if user.is_some() && password.is_none() {
            return Err(NO_PASSWORD);
        }
        Ok(Self {
            host,
            port: url.port().unwrap_or(PORT),
            database: database(url.path())?,
            user,
            password: password.map(SecretString::from),
        })
    }
}

const NOT_A_URL: InvalidRequest = refused(
    "must be a URL such as redis://:password@redis.example:6379/0; write the characters : / ? # @ % of a password as \
     %3A %2F %3F %23 %40 %25",
);
const TLS: InvalidRequest =
    refused("takes no rediss://: this store speaks no TLS; use redis:// through a tunnel such as stunnel");
const HAS_QUERY: InvalidRequest =
    refused("takes nothing behind ? or # in a Redis URL; write them in a password as %3F and %23");
const NO_PASSWORD: InvalidRequest = refused(
    "names a user without a password: write redis://user:password@host or, without user, redis://:password@host",
);
const DATABASE: InvalidRequest =
    refused("must have a number as its database, such as the 2 of redis://redis.example/2");
const NOT_UTF8: InvalidRequest = refused("must have user and password in UTF-8");

const fn refused(problem: &'static str) -> InvalidRequest {
    InvalidRequest::new("token_store", problem)
}

fn database(path: &str) -> Result<u32, InvalidRequest> {
    match path.trim_start_matches('/') {
        "" => Ok(0),
        number => number.parse().map_err(|_| DATABASE),
    }
}

fn decoded(text: &str) -> Result<String, InvalidRequest> {
    Ok(percent_decode_str(text).decode_utf8().map_err(|_| NOT_UTF8)?.into_owned())
}

/// The URL without user and password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redis://{}:{}/{}", self.host, self.port, self.database)
    }
}
