//! The lean loop: one hyper connection for each caller, no pool, no timeouts, a prepared request head.

use std::net::SocketAddr;

use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::http::request::Parts;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::contestant::Caller;
use super::order;

pub(crate) struct HyperLoop {
    connection: SendRequest<Full<Bytes>>,
    head: Parts,
}

impl HyperLoop {
    pub(crate) async fn connect(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let (connection, driver) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        let (head, ()) = Request::post(format!("{}?{}", order::PATH, order::QUERY))
            .header(HOST, server.to_string())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, order::USER_AGENT)
            .body(())?
            .into_parts();
        Ok(Self { connection, head })
    }
}

impl Caller for HyperLoop {
    async fn call(&mut self) -> Result<String> {
        let body = serde_json::to_vec(&order::ORDER)?;
        let request = Request::from_parts(self.head.clone(), Full::new(body.into()));
        self.connection.ready().await?;
        let reply = self.connection.send_request(request).await?;
        order::number(&reply.into_body().collect().await?.to_bytes())
    }
}
