//! Maps hyper-util's errors to how far the request got and the fault that stopped it.

use std::error::Error;

use http::Uri;
use hyper_util::client::legacy;

use crate::http_client::diagnosis::{of_connect, of_exchange};
use crate::http_client::is_this_machine;
use crate::{NetworkFault, TransportError};

/// Returns the error of a request to `target` that got no reply.
pub(super) fn diagnose(error: &legacy::Error, target: &Uri) -> TransportError {
    if error.is_connect() {
        return TransportError::not_sent(of_connect(error, is_this_machine(target.host().unwrap_or_default())));
    }
    match of_exchange(error) {
        NetworkFault::Lost(cause) if was_handed_back(error) => {
            TransportError::not_sent(NetworkFault::Unreachable(cause))
        }
        fault if was_handed_back(error) => TransportError::not_sent(fault),
        fault => TransportError::no_reply(fault),
    }
}

/// Returns true where no byte of the request was written: it was given to no connection, or its connection was closing
/// and handed it back whole.
fn was_handed_back(error: &legacy::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<hyper::Error>());
    error.connect_info().is_none() || cause.is_some_and(hyper::Error::is_canceled)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use bytes::Bytes;
    use http::Request;
    use http_body_util::Full;
    use hyper_util::client::legacy::Client;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use tokio::net::{TcpListener, TcpStream};
    use tower_service::Service;

    use super::*;

    /// Connects to a server that has closed the connection already.
    #[derive(Clone)]
    struct Closed;

    impl Service<Uri> for Closed {
        type Response = TokioIo<TcpStream>;
        type Error = io::Error;
        type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Uri) -> Self::Future {
            Box::pin(async {
                let server = TcpListener::bind("127.0.0.1:0").await?;
                let stream = TcpStream::connect(server.local_addr()?).await?;
                drop(server.accept().await?);
                stream.readable().await?;
                Ok(TokioIo::new(stream))
            })
        }
    }

    #[tokio::test]
    async fn a_request_for_which_every_connection_is_closed_was_not_sent() {
        let request = Request::get("http://shop.example/?access_token=canary").body(Full::new(Bytes::new())).unwrap();
        let target = request.uri().clone();
        let client = Client::builder(TokioExecutor::new()).build(Closed);
        let error = diagnose(&client.request(request).await.unwrap_err(), &target);
        assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
        assert!(matches!(error.fault(), Some(NetworkFault::Unreachable(_))), "{error:?}");
    }
}
