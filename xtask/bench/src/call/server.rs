//! The server process, 微厅 to its clients: it answers the known order, a user and a token, and refuses any other
//! request, also one whose head differs in length from the first order's. So a contestant that does other work than
//! the rest fails.

use std::io;
use std::sync::{Arc, OnceLock};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::order;
use crate::child_server::{self, ChildServer};
use crate::cores;
use crate::http_message::length;

/// Starts the server's process, pinned to this core.
pub(crate) fn start(core: Option<usize>) -> Result<ChildServer> {
    match core.map(|core| core.to_string()) {
        Some(core) => ChildServer::start(&["call-server", "--core", &core]),
        None => ChildServer::start(&["call-server"]),
    }
}

/// Arguments of the server's process.
#[derive(clap::Args)]
pub(crate) struct ServerArgs {
    /// The core to stay on
    #[arg(long)]
    core: Option<usize>,
}

/// Serves until the parent process ends.
pub(crate) fn serve(args: &ServerArgs) -> Result<()> {
    if let Some(core) = args.core {
        // Sharing a core makes the figures worse, not wrong.
        _ = cores::stay_on(core);
    }
    child_server::serve(listen())
}

async fn listen() -> Result<()> {
    let replies = Arc::new(Replies::new()?);
    let listener = child_server::listener().await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(converse(stream, replies.clone()));
    }
}

/// Answers requests in order. An error ends the connection, which its caller notices.
async fn converse(mut stream: TcpStream, replies: Arc<Replies>) -> io::Result<()> {
    let mut received = Vec::with_capacity(4096);
    loop {
        if let Some(length) = length(&received).filter(|length| *length <= received.len()) {
            stream.write_all(replies.reply_to(&received[..length]).as_bytes()).await?;
            received.drain(..length);
        } else if stream.read_buf(&mut received).await? == 0 {
            return Ok(());
        }
    }
}

/// Expected requests and their replies, as they are on the wire.
struct Replies {
    order_line: String,
    order_body: Vec<u8>,
    /// Length in bytes of the first order's request, but for the line that asks for gzip: the lean ones send none.
    order_length: OnceLock<usize>,
    number: String,
    user: String,
    token: String,
    refusal: String,
}

impl Replies {
    fn new() -> Result<Self> {
        Ok(Self {
            order_line: format!("POST {}?{} HTTP/1.1\r\n", order::PATH, order::QUERY),
            order_body: serde_json::to_vec(&order::ORDER)?,
            order_length: OnceLock::new(),
            number: answer(200, order::NUMBER),
            user: reply(USER),
            token: answer(200, order::TOKEN),
            refusal: answer(0, "this is not the request that the other contestants send"),
        })
    }

    fn reply_to(&self, request: &[u8]) -> &str {
        let is_order = request.starts_with(self.order_line.as_bytes()) && request.ends_with(&self.order_body);
        let length = request.len() - if asks_for_gzip(request) { GZIP.len() } else { 0 };
        if is_order && *self.order_length.get_or_init(|| length) == length {
            &self.number
        } else if request.starts_with(b"GET /user?") {
            &self.user
        } else if request.starts_with(b"GET /service/1.0/access/token?") {
            &self.token
        } else {
            &self.refusal
        }
    }
}

/// A user as the vendor documents one.
const USER: &str = r#"{"result":{"_id":"57eb5210e4dace7558b81421","openid":"oKXUCj1Fp4fNnb99liSkslcM_D-X","nickname":"xx","headimg":"http://wx.qlogo.cn/mmopen/0","__v":0,"updateAt":"2016-09-28T05:16:00.804Z","createAt":"2016-09-28T05:16:00.804Z","accounts":[{"deviceno":"62306600","devicename":"固话","bindtime":"2016-05-27 11:04:36","bindtdate":"2016-05-27 11:04:36","bpn":"92125567729","sort":"1"},{"sort":"1"}]},"flag":0}"#;

const GZIP: &str = "accept-encoding: gzip\r\n";

fn asks_for_gzip(request: &[u8]) -> bool {
    request.windows(GZIP.len()).any(|window| window.eq_ignore_ascii_case(GZIP.as_bytes()))
}

fn answer(status: u16, data: &str) -> String {
    reply(&format!(r#"{{"data":"{data}","status":{status},"info":0}}"#))
}

fn reply(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}
