//! A server of a few lines: it reads one request a connection and answers with the bytes that it was given.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// Answers each request with `reply` and closes the connection, or keeps it open and silent if `hang` is on.
    pub(crate) async fn start(reply: Vec<u8>, hang: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = requests.clone();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (reply, counter) = (reply.clone(), counter.clone());
                tokio::spawn(async move {
                    let mut request = vec![0; 65536];
                    if socket.read(&mut request).await.is_ok_and(|read| read > 0) {
                        counter.fetch_add(1, Ordering::SeqCst);
                        _ = socket.write_all(&reply).await;
                        if hang {
                            std::future::pending::<()>().await;
                        }
                    }
                });
            }
        });
        Self { address, requests }
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/path?access_token=canary", self.address)
    }
}

/// A reply of status 200 with these header lines and this body.
pub(crate) fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\n".as_slice(), headers.as_bytes(), b"\r\n\r\n", body].concat()
}
