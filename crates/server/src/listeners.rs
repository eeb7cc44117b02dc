//! The addresses: one for pushes, one for those who run the server, one for the API.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use weifen::Config;
use weifen::config::{IpNet, ServeConfig};
use weifen::inbox::{Admin, HttpServer, Inbox, Intake, PushSecrets, Receiver, ServerLimits};

use crate::api::{Api, CALLERS};
use crate::{StartError, file_handles};

/// Number of connections that those who run the server may have.
const OPERATORS: usize = 64;

/// Time that a connection of the API may be idle.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// What pushes are taken in by.
pub(crate) struct PushSide {
    pub(crate) intake: Intake,
    pub(crate) secrets: PushSecrets,
}

#[derive(Debug)]
pub(crate) struct Listeners {
    pushes: Option<HttpServer>,
    admin: Admin,
    operators: HttpServer,
    api: Option<HttpServer>,
}

impl Listeners {
    pub(crate) async fn start(
        config: &Config,
        inbox: &Inbox,
        push_side: Option<PushSide>,
        api: Option<(SocketAddr, Api)>,
        figures: fn() -> String,
    ) -> Result<Self, StartError> {
        let serve = &config.serve;
        let callers = if api.is_some() { CALLERS + config.api.max_waiters } else { 0 };
        let (push_limits, callers) = file_handles::limits(callers);
        let pushes = match push_side {
            Some(side) => Some((bind("serve.listen", serve.listen).await?, receiver(serve, side))),
            None => None,
        };
        let operators = bind("serve.admin_listen", serve.admin_listen).await?;
        let api_figures = api.as_ref().map(|(_, api)| api.figures());
        let api = match api {
            Some((address, api)) => Some((bind("api.listen", address).await?, api.router(callers))),
            None => None,
        };
        let pushes = pushes.map(|(listener, receiver)| receiver.serve(listener, push_limits));
        let mut admin = Admin::new(inbox.clone());
        if let Some(pushes) = &pushes {
            admin = admin.listen(pushes.local_addr()).figures(pushes.figures());
        }
        admin = admin.figures(figures);
        if let Some(read) = api_figures {
            admin = admin.read_figures(read);
        }
        let limits = ServerLimits { connections: OPERATORS, ..ServerLimits::default() };
        let operators = HttpServer::start(operators, admin.router(), limits);
        let api = api.map(|(listener, router)| HttpServer::start(listener, router, api_limits(callers)));
        if let Some(address) = api.as_ref().map(HttpServer::local_addr).filter(|address| !address.ip().is_loopback()) {
            tracing::warn!(
                %address,
                "api.listen is not a loopback address, and the API is plain http: others can read keys and answers \
                 on the network; put a TLS proxy in front of it"
            );
        }
        Ok(Self { pushes, admin, operators, api })
    }

    pub(crate) fn push_address(&self) -> Option<SocketAddr> {
        self.pushes.as_ref().map(HttpServer::local_addr)
    }

    pub(crate) fn admin_address(&self) -> SocketAddr {
        self.operators.local_addr()
    }

    pub(crate) fn api_address(&self) -> Option<SocketAddr> {
        self.api.as_ref().map(HttpServer::local_addr)
    }

    pub(crate) async fn ready(&self) -> bool {
        self.admin.is_ready().await
    }

    pub(crate) async fn stop(self, drain: Duration, call_drain: Duration) {
        let Self { pushes, operators, api, .. } = self;
        tokio::join!(stop(pushes, drain), operators.stop(drain), stop(api, call_drain));
    }
}

fn receiver(serve: &ServeConfig, side: PushSide) -> Receiver {
    Receiver::new(side.intake, side.secrets)
        .undecodable_status(serve.undecodable_status)
        .allow_ips(serve.allow_ips.clone())
        .trusted_proxies(serve.trusted_proxies.clone())
}

/// Behind one proxy stand all callers: no address has a share of its own. Whoever hangs up waits no longer.
fn api_limits(connections: usize) -> ServerLimits {
    let anywhere = [IpNet::new(Ipv4Addr::UNSPECIFIED.into(), 0), IpNet::new(Ipv6Addr::UNSPECIFIED.into(), 0)];
    ServerLimits {
        header_time: KEEP_ALIVE,
        connections,
        uncapped: anywhere.into_iter().flatten().collect(),
        half_close: false,
        ..ServerLimits::default()
    }
}

async fn stop(server: Option<HttpServer>, drain: Duration) {
    if let Some(server) = server {
        server.stop(drain).await;
    }
}

async fn bind(key: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { key, address, source })
}
