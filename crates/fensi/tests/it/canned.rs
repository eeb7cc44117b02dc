//! A transport that answers everything alike and keeps what it was sent, and nonces from a list.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use weifen_fensi::{Fensi, FensiBuilder, NonceSource, QrcodeRequest, SceneId};
use weifen_transport::mock::ManualClock;
use weifen_transport::{Bytes, Transport, TransportError, async_trait, http};

pub(crate) const NOW: u64 = 1_557_200_022;
pub(crate) const SECRET: &str = "s3cret";

#[derive(Debug)]
pub(crate) struct Canned {
    body: &'static str,
    requests: Mutex<Vec<http::Request<Bytes>>>,
}

impl Canned {
    pub(crate) fn answering(body: &'static str) -> Arc<Self> {
        Arc::new(Self { body, requests: Mutex::default() })
    }

    pub(crate) fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn builder(self: &Arc<Self>) -> FensiBuilder {
        Fensi::builder("jbh200453e0488d6", SECRET)
            .transport(self.clone())
            .clock(Arc::new(ManualClock::at(NOW)))
            .nonces(Arc::new(Counted(AtomicUsize::new(0))))
    }
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        self.requests.lock().unwrap().push(request);
        Ok(http::Response::new(self.body.into()))
    }
}

#[derive(Debug)]
struct Counted(AtomicUsize);

impl NonceSource for Counted {
    fn nonce(&self) -> String {
        format!("nonce-{}", self.0.fetch_add(1, Ordering::SeqCst))
    }
}

#[derive(Debug)]
pub(crate) struct Fixed(pub(crate) &'static str);

impl NonceSource for Fixed {
    fn nonce(&self) -> String {
        self.0.to_owned()
    }
}

pub(crate) fn request() -> QrcodeRequest {
    let user = "oleiaYv6i50I7ADTlmIGN4WO-2RGM".parse().unwrap();
    QrcodeRequest::new(user, "追梦小窝", "183.13.188.125".parse().unwrap()).unwrap().label(SceneId(1))
}
