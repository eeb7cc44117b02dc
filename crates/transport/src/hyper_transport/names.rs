//! The names of a client as hyper-util asks for them.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use crate::NetworkFault;
use crate::http_client::Names;

impl Service<Name> for Names {
    type Response = IntoIter<SocketAddr>;
    type Error = NetworkFault;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NetworkFault>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NetworkFault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let names = self.clone();
        Box::pin(async move { names.look_up(name.as_str()).await })
    }
}
