//! The browser's part: opens the consent page, follows its link, comes back with a code.

use std::error::Error;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use weifen::transport::Transport;

/// Opens the consent page and follows its link; returns the callback URL.
pub(super) async fn consent(transport: &dyn Transport, address: &str) -> Result<String, Box<dyn Error>> {
    let page = get(transport, address).await?;
    if page.status() != StatusCode::OK {
        return Err(format!("the consent page answers HTTP {}", page.status().as_u16()).into());
    }
    let page = std::str::from_utf8(page.body())?;
    let link = page.split_once("href=\"").and_then(|(_, rest)| rest.split_once('"'));
    let (link, _) = link.ok_or("the consent page has no link")?;
    let answer = get(transport, &link.replace("&amp;", "&")).await?;
    let back = answer.headers().get(header::LOCATION).ok_or("the link sends the browser nowhere")?;
    Ok(back.to_str()?.to_owned())
}

/// Sends a GET without the fragment, as a browser does.
async fn get(transport: &dyn Transport, address: &str) -> Result<Response<Bytes>, Box<dyn Error>> {
    let (address, _) = address.split_once('#').unwrap_or((address, ""));
    Ok(transport.send(Request::get(address).body(Bytes::new())?).await?)
}
