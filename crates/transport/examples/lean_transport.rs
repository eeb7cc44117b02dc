//! The lean transport, with settings of its own, and the words of a failure. It needs the feature `hyper`.

use std::time::Duration;

use weifen_transport::{Bytes, HyperTransport, Transport, TransportError, http};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let transport = HyperTransport::builder().timeout(Duration::from_secs(5)).body_cap(64 << 10).build()?;
    // A client gets it by `Weiting::builder(…).transport(Arc::new(transport))`. Nothing listens on this port.
    let request = http::Request::get("http://127.0.0.1:9/").body(Bytes::new())?;
    match transport.send(request).await {
        Ok(reply) => println!("{}", reply.status()),
        Err(error @ TransportError::NotSent(_)) => {
            let fault = error.fault().map(ToString::to_string);
            println!("{error}, so it may be sent again: {}", fault.unwrap_or_default());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
