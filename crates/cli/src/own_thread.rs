//! A transport on its own thread: a server whose replies never end can't keep the command from ending in time.

use std::future::pending;
use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;
use weifen::transport::{Transport, TransportError};

/// Sends on its own thread.
#[derive(Debug)]
pub(crate) struct OwnThread {
    inner: Arc<dyn Transport>,
    runtime: Handle,
}

/// A request under way on that thread; dropped, it is cancelled.
struct UnderWay(JoinHandle<Result<Response<Bytes>, TransportError>>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl OwnThread {
    /// Starts the thread. It ends with the process.
    ///
    /// # Errors
    /// When no thread or runtime can be started.
    pub(crate) fn start(inner: Arc<dyn Transport>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        thread::Builder::new().name("transport".to_owned()).spawn(move || runtime.block_on(pending::<()>()))?;
        Ok(Self { inner, runtime: handle })
    }
}

#[async_trait]
impl Transport for OwnThread {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let inner = Arc::clone(&self.inner);
        let mut under_way = UnderWay(self.runtime.spawn(async move { inner.send(request).await }));
        match (&mut under_way.0).await {
            Ok(outcome) => outcome,
            Err(ended) if ended.is_panic() => resume_unwind(ended.into_panic()),
            Err(_) => Err(TransportError::no_reply(io::Error::other("the transport's thread has ended"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Panics;

    #[async_trait]
    impl Transport for Panics {
        async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
            panic!("a fault of the transport")
        }
    }

    #[tokio::test]
    #[should_panic(expected = "a fault of the transport")]
    async fn a_panic_there_is_one_here() {
        _ = OwnThread::start(Arc::new(Panics)).unwrap().send(Request::new(Bytes::new())).await;
    }
}
