//! Limits of rate and concurrency, by tower's layers: 100 calls, no more than 50 a second and 4 at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tower::ServiceBuilder;
use weifen::Weifen;
use weifen::config::Sources;
use weifen::transport::{Bytes, TowerTransport, Transport, TransportError, async_trait, http};
use weifen_sandbox::Sandbox;

/// Counts the calls that run at the same time.
#[derive(Debug)]
struct Counted {
    inner: Arc<dyn Transport>,
    now: AtomicUsize,
    most: AtomicUsize,
}

#[async_trait]
impl Transport for Counted {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        self.most.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let outcome = self.inner.send(request).await;
        self.now.fetch_sub(1, Ordering::SeqCst);
        outcome
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let sources = Sources::new()
        .set("fensi.base_url", sandbox.fensi_base_url())
        .set("fensi.develop_appid", sandbox.develop_appid())
        .set("fensi.app_secret", sandbox.app_secret());
    let config = sources.load()?;

    let unlimited = config.http.transport()?;
    let counted = Arc::new(Counted { inner: unlimited, now: AtomicUsize::new(0), most: AtomicUsize::new(0) });
    let limits = ServiceBuilder::new().rate_limit(50, Duration::from_secs(1)).concurrency_limit(4);
    let limited = TowerTransport::layered(counted.clone(), limits).timeout(config.http.timeout);
    let fensi = Weifen::builder(config).transport(Arc::new(limited)).build()?.fensi()?;

    let begun = Instant::now();
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let fensi = fensi.clone();
            tokio::spawn(async move { fensi.scenes().await })
        })
        .collect();
    for call in calls {
        call.await??;
    }
    let most = counted.most.load(Ordering::SeqCst);
    println!("100 calls in {:.1} s, at most {most} at the same time", begun.elapsed().as_secs_f32());
    assert!(most <= 4 && begun.elapsed() >= Duration::from_millis(900));
    Ok(())
}
