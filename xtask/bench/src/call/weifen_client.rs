//! weifen over each of its transports, as a program uses it; the first call fetches the token, which is kept.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use weifen_transport::{Clock, Transport};
use weifen_weiting::{OrderReportRequest, Weiting};

use super::contestant::Caller;
use super::order::ORDER;

#[derive(Clone)]
pub(crate) struct WeifenClient {
    weiting: Weiting,
}

impl WeifenClient {
    pub(crate) fn new(server: SocketAddr, transport: impl Transport + 'static) -> Result<Self> {
        let weiting = Weiting::builder("bench", "bench")
            .base_url(format!("http://{server}"))
            .transport(Arc::new(transport))
            .clock(Arc::new(LibcClock(Instant::now())))
            .build()?;
        Ok(Self { weiting })
    }
}

impl Caller for WeifenClient {
    async fn call(&mut self) -> Result<String> {
        let order = OrderReportRequest::new(ORDER.openid.parse()?, ORDER.device_no.parse()?, ORDER.package)?;
        Ok(self.weiting.order_report(&order).await?.as_str().to_owned())
    }
}

/// A clock that libc reads: rustix, which reads that of the default, finds no vDSO under valgrind and crashes.
#[derive(Debug)]
struct LibcClock(Instant);

impl Clock for LibcClock {
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
