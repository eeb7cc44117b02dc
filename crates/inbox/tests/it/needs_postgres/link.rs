//! A network between the inbox and its server, which can stop carrying anything without a word.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(super) struct Link {
    port: u16,
    carries: watch::Sender<bool>,
}

impl Link {
    pub(super) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (carries, told) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(("127.0.0.1", server)).await else { continue };
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::spawn(carry(near_in, far_out, told.clone()));
                tokio::spawn(carry(far_in, near_out, told.clone()));
            }
        });
        Self { port, carries }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn hold(&self) {
        self.carries.send_replace(false);
    }

    pub(super) fn go_on(&self) {
        self.carries.send_replace(true);
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut told: watch::Receiver<bool>) {
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        if told.wait_for(|carries| *carries).await.is_err() || to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
