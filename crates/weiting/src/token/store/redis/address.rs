//! The parts of a Redis URL; the password is never printed.

use std::fmt;
use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use tokio_rustls::rustls::pki_types::ServerName;
use url::{Host, Url};
use weifen_proto::InvalidRequest;

const PORT: u16 = 6379;

/// The parts of a Redis URL.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// True for `rediss://`: the connection uses TLS.
    pub(super) is_encrypted: bool,
    pub(super) host: Host<String>,
    pub(super) port: u16,
    pub(super) database: u32,
    pub(super) user: Option<String>,
    pub(super) password: Option<SecretString>,
}

impl Address {
    /// Returns the server name that its certificate must carry.
    pub(super) fn server_name(&self) -> Result<ServerName<'static>, InvalidRequest> {
        match &self.host {
            Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| NOT_A_URL),
            Host::Ipv4(ip) => Ok(IpAddr::from(*ip).into()),
            Host::Ipv6(ip) => Ok(IpAddr::from(*ip).into()),
        }
    }

    /// Parses `redis[s]://[[user]:password@]host[:port][/database]`.
    pub(super) fn parse(url: &str) -> Result<Self, InvalidRequest> {
        let url = Url::parse(url).map_err(|_| NOT_A_URL)?;
        let is_encrypted = match url.scheme() {
            "redis" => false,
            "rediss" => true,
            _ => return Err(NOT_A_URL),
        };
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
            is_encrypted,
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
const HAS_QUERY: InvalidRequest = refused(
    "must not contain a query (?) or a fragment (#) in a Redis URL; in a password, write these characters as \
        %3F and %23",
);
const NO_PASSWORD: InvalidRequest =
    refused("has a user but no password: write redis://user:password@host or, without user, redis://:password@host");
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
        let scheme = if self.is_encrypted { "rediss" } else { "redis" };
        write!(f, "{scheme}://{}:{}/{}", self.host, self.port, self.database)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn shown(url: &str) -> String {
        Address::parse(url).unwrap().to_string()
    }

    #[test]
    fn port_and_database_have_defaults() {
        assert_eq!(shown("redis://redis.example"), "redis://redis.example:6379/0");
        assert_eq!(shown("redis://redis.example:6380/2"), "redis://redis.example:6380/2");
        assert_eq!(shown("rediss://redis.example"), "rediss://redis.example:6379/0");
        assert_eq!(shown("redis://[::1]/"), "redis://[::1]:6379/0");
        assert_eq!(shown("redis://127.0.0.1"), "redis://127.0.0.1:6379/0");
    }

    #[test]
    fn user_and_password_are_decoded_and_out_of_sight() {
        let address = Address::parse("redis://user%40:p%2F%3Ass%25@redis.example").unwrap();
        assert_eq!(address.user.as_deref(), Some("user@"));
        assert_eq!(address.password.as_ref().unwrap().expose_secret(), "p/:ss%");
        assert!(!format!("{address:?} {address}").contains("p/"), "{address:?}");
        assert!(Address::parse("redis://:password@redis.example").unwrap().user.is_none());
    }

    #[test]
    fn what_is_no_redis_url_is_refused_in_words() {
        for (url, problem) in [
            ("redis.example:6379", NOT_A_URL),
            ("redis://", NOT_A_URL),
            ("redis://:pass/word@redis.example", NOT_A_URL),
            ("https://redis.example", NOT_A_URL),
            ("unix:///run/redis.sock", NOT_A_URL),
            ("redis://redis.example/?protocol=resp3", HAS_QUERY),
            ("redis://:pass#word@redis.example", NOT_A_URL),
            ("redis://redis.example/0#fragment", HAS_QUERY),
            ("redis://user@redis.example", NO_PASSWORD),
            ("redis://redis.example/first", DATABASE),
            ("redis://redis.example/-1", DATABASE),
            ("redis://:%FF@redis.example", NOT_UTF8),
        ] {
            assert_eq!(Address::parse(url).err(), Some(problem), "{url}");
        }
    }
}
