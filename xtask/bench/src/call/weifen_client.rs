//! weifen over `ReqwestTransport`, as a program uses it; the first call fetches the token, which is kept.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use weifen_transport::ReqwestTransport;
use weifen_weiting::{OrderReportRequest, Weiting};

use super::contestant::Caller;
use super::order::ORDER;

#[derive(Clone)]
pub(crate) struct WeifenClient {
    weiting: Weiting,
}

impl WeifenClient {
    pub(crate) fn new(server: SocketAddr) -> Result<Self> {
        let weiting = Weiting::builder("bench", "bench")
            .base_url(format!("http://{server}"))
            .transport(Arc::new(ReqwestTransport::new()?))
            .build()?;
        Ok(Self { weiting })
    }
}

impl Caller for WeifenClient {
    const NAME: &'static str = "weifen over ReqwestTransport";

    async fn call(&mut self) -> Result<String> {
        let order = OrderReportRequest::new(ORDER.openid.parse()?, ORDER.device_no.parse()?, ORDER.package)?;
        Ok(self.weiting.order_report(&order).await?.as_str().to_owned())
    }
}
