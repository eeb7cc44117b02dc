//! A vendor that answers everything alike, a client of it, and nonces from a list.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use weifen_fensi::{Fensi, FensiBuilder, NonceSource, QrcodeRequest, SceneId};
use weifen_transport::mock::{Canned, ManualClock};

pub(crate) const NOW: u64 = 1_557_200_022;
pub(crate) const SECRET: &str = "s3cret";

pub(crate) fn answering(body: &'static str) -> Arc<Canned> {
    Arc::new(Canned::body(body))
}

pub(crate) fn builder(vendor: &Arc<Canned>) -> FensiBuilder {
    Fensi::builder("jbh200453e0488d6", SECRET)
        .transport(vendor.clone())
        .clock(Arc::new(ManualClock::at(NOW)))
        .nonces(Arc::new(Counted(AtomicUsize::new(0))))
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
