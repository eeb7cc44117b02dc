//! A proxy between the inbox and its server, which can stop carrying bytes without closing, and cut a connection
//! before an answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Bytes that are watched for in the inbox's requests.
type Watched = Arc<Mutex<Option<Vec<u8>>>>;

pub(super) struct Link {
    port: u16,
    carries: watch::Sender<bool>,
    watched: Watched,
}

impl Link {
    pub(super) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (carries, told) = watch::channel(true);
        let watched = Watched::default();
        let all = watched.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(("127.0.0.1", server)).await else { continue };
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                let (seen, all, told) = (Arc::new(AtomicBool::default()), all.clone(), told.clone());
                let has_seen = seen.clone();
                let notes = move |bytes: &[u8]| {
                    let mut watched = all.lock().unwrap();
                    if watched.as_ref().is_some_and(|watched| bytes.windows(watched.len()).any(|part| part == watched))
                    {
                        *watched = None;
                        seen.store(true, Ordering::SeqCst);
                    }
                    true
                };
                tokio::spawn(carry(near_in, far_out, told.clone(), notes));
                tokio::spawn(carry(far_in, near_out, told, move |_| !has_seen.load(Ordering::SeqCst)));
            }
        });
        Self { port, carries, watched }
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

    /// Carries these bytes to the server, and cuts their connection when its answer comes.
    pub(super) fn cut_before_the_answer_to(&self, bytes: &str) {
        *self.watched.lock().unwrap() = Some(bytes.as_bytes().to_vec());
    }

    /// Returns true once the watched bytes have come.
    pub(super) fn has_cut(&self) -> bool {
        self.watched.lock().unwrap().is_none()
    }
}

/// Carries bytes while `may` allows them.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut told: watch::Receiver<bool>,
    may: impl Fn(&[u8]) -> bool,
) {
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let is_held_up = told.wait_for(|carries| *carries).await.is_err();
        if is_held_up || !may(&bytes[..read]) || to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
