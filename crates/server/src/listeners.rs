//! The two addresses: one for pushes, one for those who run the server.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use weifen::config::ServeConfig;
use weifen::inbox::{Admin, HttpServer, Intake, PushSecrets, Receiver, ServerLimits};

use crate::{StartError, file_handles};

/// Number of connections that those who run the server may have.
const OPERATORS: usize = 64;

#[derive(Debug)]
pub(crate) struct Listeners {
    pushes: HttpServer,
    admin: Admin,
    operators: HttpServer,
}

impl Listeners {
    pub(crate) async fn start(
        serve: &ServeConfig,
        intake: Intake,
        secrets: PushSecrets,
        figures: fn() -> String,
    ) -> Result<Self, StartError> {
        let receiver = Receiver::new(intake.clone(), secrets)
            .undecodable_status(serve.undecodable_status)
            .allow_ips(serve.allow_ips.clone())
            .trusted_proxies(serve.trusted_proxies.clone());
        let pushes = bind("serve.listen", serve.listen).await?;
        let operators = bind("serve.admin_listen", serve.admin_listen).await?;
        let pushes = receiver.serve(pushes, file_handles::limits());
        let admin = Admin::new(intake.inbox().clone(), pushes.local_addr()).figures(pushes.figures()).figures(figures);
        let limits = ServerLimits { connections: OPERATORS, ..ServerLimits::default() };
        let operators = HttpServer::start(operators, admin.router(), limits);
        Ok(Self { pushes, admin, operators })
    }

    pub(crate) fn push_address(&self) -> SocketAddr {
        self.pushes.local_addr()
    }

    pub(crate) fn admin_address(&self) -> SocketAddr {
        self.operators.local_addr()
    }

    pub(crate) async fn ready(&self) -> bool {
        self.admin.is_ready().await
    }

    pub(crate) async fn stop(self, drain: Duration) {
        tokio::join!(self.pushes.stop(drain), self.operators.stop(drain));
    }
}

async fn bind(key: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { key, address, source })
}
