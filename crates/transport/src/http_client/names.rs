//! Resolves a host's name to the addresses that may be connected to.

use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;

use crate::network_fault::copy;
use crate::{NetworkFault, NotPublic, is_public};

/// Resolves names. It is called for every new connection to a name, and never for an address.
#[async_trait]
pub trait Resolver: Debug + Send + Sync {
    /// Returns the addresses of `name`.
    ///
    /// # Errors
    /// When the name has no address or can't be looked up: nothing is sent then.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
#[derive(Debug)]
pub(super) struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Resolver of a client, which connects to exactly these addresses: they can't change after the check.
#[derive(Clone)]
pub(crate) struct Names {
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) public_only: bool,
}

impl Names {
    /// Returns the addresses of `name` to connect to, without a port.
    ///
    /// # Errors
    /// [`NetworkFault::NameNotFound`] and [`NetworkFault::NotPublic`].
    pub(crate) async fn look_up(self, name: &str) -> Result<std::vec::IntoIter<SocketAddr>, NetworkFault> {
        let addresses = self.resolver.resolve(name).await;
        let mut addresses = addresses.map_err(|error| NetworkFault::NameNotFound(copy(&error)))?;
        if self.public_only {
            addresses.retain(|address| is_public(*address));
            if addresses.is_empty() {
                return Err(NetworkFault::NotPublic(NotPublic::new(name)));
            }
        }
        let addresses: Vec<_> = addresses.into_iter().map(|address| SocketAddr::new(address, 0)).collect();
        Ok(addresses.into_iter())
    }
}
