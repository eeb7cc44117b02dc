//! Fetches an image: one GET with no header but `Accept`.

use bytes::Bytes;
use http::{Request, StatusCode, header};
use url::Url;
use weifen::transport::{Transport, in_words};

use super::QrError;

/// Cap on an image, in bytes, for its transport.
pub(crate) const IMAGE_CAP: usize = 1 << 20;

pub(super) async fn fetch(transport: &dyn Transport, url: &str) -> Result<Bytes, QrError> {
    let failed = |why: &str| QrError::Fetch(why.to_owned());
    let url = Url::parse(url).map_err(|_| failed("the address of the image is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(failed("the address of the image is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(failed("the address of the image contains a user name or a password"));
    }
    let request = Request::get(url.as_str()).header(header::ACCEPT, "image/png, image/jpeg").body(Bytes::new());
    let request = request.map_err(|_| failed("the address of the image is not a URL"))?;
    let reply = transport.send(request).await.map_err(|error| QrError::Fetch(in_words(&error)))?;
    if reply.status().is_redirection() {
        return Err(failed("the reply is a redirect; redirects are never followed"));
    }
    if reply.status() != StatusCode::OK {
        return Err(QrError::Fetch(format!("the reply is HTTP {}", reply.status().as_u16())));
    }
    Ok(reply.into_body())
}
