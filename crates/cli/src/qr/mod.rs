//! The QR code of an image's address: fetched, read, and drawn for a terminal. The content is the image's own; the
//! address is never encoded in its place.

mod draw;
mod fetch;
mod read;

use std::time::Duration;

use weifen::transport::Transport;

pub(crate) use draw::draw;
pub(crate) use fetch::IMAGE_CAP;

/// The error of a code that can't be drawn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QrError {
    /// The image can't be fetched.
    #[error("the image can't be fetched: {0}")]
    Fetch(String),
    /// The reply is not a readable image.
    #[error("the image can't be read: {0}")]
    Image(String),
    /// The image contains no QR code.
    #[error("the image contains no readable QR code")]
    NoCode,
    /// The content is too long for a code.
    #[error("the content of the QR code cannot be drawn: {0}")]
    Draw(String),
}

/// Timeout for reading an image: some pixels keep the reader busy for hours.
const READING_TIME: Duration = Duration::from_secs(3);

/// Returns the content of the QR code in the image at `url`.
///
/// # Errors
/// When the image can't be fetched, or contains no QR code.
pub(crate) async fn content_of(transport: &dyn Transport, url: &str) -> Result<Vec<u8>, QrError> {
    let image = fetch::fetch(transport, url).await?;
    // A foreign reader on a stranger's pixels: if it panics or hangs, only the drawing is lost.
    let reading = tokio::task::spawn_blocking(move || read::content(&image));
    match tokio::time::timeout(READING_TIME, reading).await {
        Ok(read) => read.unwrap_or(Err(QrError::NoCode)),
        Err(_) => Err(QrError::Image(format!("timed out after {} s", READING_TIME.as_secs()))),
    }
}
