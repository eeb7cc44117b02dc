//! The QR code behind an image's address: fetched, read, and drawn for a terminal. Its content is the image's own; the
//! image's address is never encoded in its place.

mod draw;
mod fetch;
mod read;

use std::time::Duration;

use weifen::transport::Transport;

pub(crate) use draw::draw;
pub(crate) use fetch::IMAGE_CAP;

/// Why a code can't be drawn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QrError {
    /// The image can't be had.
    #[error("the image can't be fetched: {0}")]
    Fetch(String),
    /// What came is no image that can be read.
    #[error("the image can't be read: {0}")]
    Image(String),
    /// The image shows no code.
    #[error("the image shows no QR code that can be read")]
    NoCode,
    /// The content is too long for a code.
    #[error("its content can't be drawn: {0}")]
    Draw(String),
}

/// How long reading an image may take: some pixels keep the reader busy for hours.
const READING_TIME: Duration = Duration::from_secs(3);

/// The content of the QR code in the image at `url`.
///
/// # Errors
/// When the image can't be fetched or holds none.
pub(crate) async fn content_of(transport: &dyn Transport, url: &str) -> Result<Vec<u8>, QrError> {
    let image = fetch::fetch(transport, url).await?;
    // The reader is other people's code on a stranger's pixels: its faults cost the drawing, no more.
    let reading = tokio::task::spawn_blocking(move || read::content(&image));
    match tokio::time::timeout(READING_TIME, reading).await {
        Ok(read) => read.unwrap_or(Err(QrError::NoCode)),
        Err(_) => Err(QrError::Image(format!("it takes longer than {} s", READING_TIME.as_secs()))),
    }
}
