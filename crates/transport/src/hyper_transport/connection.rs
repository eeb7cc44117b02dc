//! An open connection, which carries one request at a time.

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::rt::{Read, Write};

use super::diagnosis::{lost, unsent};
use crate::TransportError;

/// Scheme, host and port.
pub(super) struct Origin {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
}

impl PartialEq for Origin {
    /// Compares spellings: `Authority`'s own comparison ignores case, byte by byte.
    fn eq(&self, other: &Self) -> bool {
        self.authority.as_str() == other.authority.as_str() && self.scheme == other.scheme
    }
}

impl Origin {
    /// Host and port as `Host` has them: without a user, and without the scheme's own port.
    pub(super) fn host_and_port(&self) -> &str {
        let authority = self.authority.as_str();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let own_port = if self.scheme == Scheme::HTTPS { ":443" } else { ":80" };
        host.strip_suffix(own_port).unwrap_or(host)
    }

    /// URL of the origin's root.
    pub(super) fn root(&self) -> Result<Uri, http::Error> {
        Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone()).path_and_query("/").build()
    }
}

pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

/// Result of a request that got no reply.
pub(super) enum Failed {
    /// The connection was closing, and no byte of the request was written.
    HandedBack(Box<Request<Full<Bytes>>>, TransportError),
    Error(TransportError),
}

impl Connection {
    /// Begins to speak HTTP over `stream`.
    ///
    /// # Errors
    /// The server has closed the connection already. Nothing was sent.
    pub(super) async fn over<S>(stream: S) -> Result<Self, TransportError>
    where
        S: Read + Write + Unpin + Send + 'static,
    {
        let (mut sender, connection) = handshake(stream).await.map_err(|error| unsent(&error))?;
        let task = tokio::spawn(connection);
        match sender.ready().await {
            Ok(()) => Ok(Self { sender }),
            // The task knows why.
            Err(closed) => Err(unsent(&task.await.ok().and_then(Result::err).unwrap_or(closed))),
        }
    }

    /// Sends `request`, whose target is a path, and returns the reply, its body still to be read.
    pub(super) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Failed> {
        self.sender.try_send_request(request).await.map_err(|mut error| match error.take_message() {
            Some(request) => Failed::HandedBack(Box::new(request), unsent(error.error())),
            None => Failed::Error(lost(error.error())),
        })
    }

    /// Returns true where the connection is open and takes a request.
    pub(super) fn is_ready(&self) -> bool {
        self.sender.is_ready()
    }

    /// Waits until the connection takes a request; false where it is closed.
    pub(super) async fn becomes_ready(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use hyper_util::rt::TokioIo;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::NetworkFault;

    #[test]
    fn a_host_is_named_without_a_user_and_without_the_usual_port() {
        for (url, host) in [
            ("http://shop.example/", "shop.example"),
            ("http://shop.example:80/", "shop.example"),
            ("http://shop.example:443/", "shop.example:443"),
            ("https://shop.example:443/", "shop.example"),
            ("https://shop.example:80/", "shop.example:80"),
            ("https://u:p@shop.example:8443/", "shop.example:8443"),
            ("http://[::1]:80/", "[::1]"),
            ("http://[::80]/", "[::80]"),
        ] {
            let parts = Uri::from_static(url).into_parts();
            let origin = Origin { scheme: parts.scheme.unwrap(), authority: parts.authority.unwrap() };
            assert_eq!(origin.host_and_port(), host, "{url}");
        }
    }

    #[tokio::test]
    async fn a_connection_that_was_closed_at_once_sends_nothing() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(server.local_addr().unwrap()).await.unwrap();
        drop(server.accept().await.unwrap());
        stream.readable().await.unwrap();
        let error = match Connection::over(TokioIo::new(stream)).await {
            Err(error) => error,
            Ok(mut connection) => match connection.send(Request::new(Full::default())).await {
                Err(Failed::HandedBack(_, error)) => error,
                _ => panic!("it is sent"),
            },
        };
        assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
        assert!(matches!(error.fault(), Some(NetworkFault::Unreachable(_))), "{error:?}");
    }
}
