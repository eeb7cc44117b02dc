//! The two addresses: one for pushes, one for those who run it.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::SecretString;
use tokio::net::TcpListener;
use weifen::config::Config;
use weifen::inbox::{Inbox, PushSecrets, Receiver, Server, ServerLimits, UndecodableStatus, admin};

use super::file_handles;
use crate::failure::Failure;
use crate::logs;

/// How many connections those who run it may have.
const OPERATORS: usize = 64;

pub(super) struct Servers {
    pushes: Server,
    admin: Server,
}

impl Servers {
    pub(super) async fn start(config: &Config, inbox: &Inbox, secrets: &[SecretString]) -> Result<Self, Failure> {
        let serve = &config.serve;
        let secrets = PushSecrets::new(secrets.iter().cloned()).map_err(|error| Failure::config(&error))?;
        let receiver = Receiver::new(inbox.clone(), secrets)
            .undecodable_status(match serve.undecodable_status {
                400 => UndecodableStatus::BadRequest,
                _ => UndecodableStatus::Ok,
            })
            .allow_ips(serve.allow_ips.clone())
            .trusted_proxies(serve.trusted_proxies.clone());
        let pushes = bind("serve.listen", serve.listen).await?;
        let operators = bind("serve.admin_listen", serve.admin_listen).await?;
        let pushes = Server::start(pushes, receiver.router(), file_handles::limits());
        let admin = admin(inbox.clone(), pushes.local_addr(), logs::metrics);
        let limits = ServerLimits { connections: OPERATORS, ..ServerLimits::default() };
        Ok(Self { pushes, admin: Server::start(operators, admin, limits) })
    }

    pub(super) fn push_address(&self) -> SocketAddr {
        self.pushes.local_addr()
    }

    pub(super) fn admin_address(&self) -> SocketAddr {
        self.admin.local_addr()
    }

    pub(super) async fn stop(self, drain: Duration) {
        tokio::join!(self.pushes.stop(drain), self.admin.stop(drain));
    }
}

async fn bind(key: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::file(&format!("{key} {address}"), &error).with_hint(format!("give {key} another address, or port 0"))
    })
}
