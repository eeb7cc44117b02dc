//! Resolves a host's name to the addresses that may be connected to.

use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{NotPublic, is_public};

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

/// Resolver for reqwest, which connects to exactly these addresses: they can't change after the check.
pub(super) struct Names {
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) public_only: bool,
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolver, public_only) = (self.resolver.clone(), self.public_only);
        Box::pin(async move {
            let mut addresses = resolver.resolve(name.as_str()).await?;
            if public_only {
                addresses.retain(|address| is_public(*address));
                if addresses.is_empty() {
                    return Err(NotPublic::new(name.as_str()).into());
                }
            }
            // The port comes from the URL.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}
