//! A reply's body, recorded into a cassette and replayed.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use serde_json::Value;
use weifen_transport::cassette::{Allowed, Cassette, Inputs, Recorder, Replay};
use weifen_transport::{Transport, TransportError, async_trait};

use crate::canary;

/// Checks for any answer: a recording from a sandbox replays it byte for byte, as JSON, form or neither; a live
/// recording keeps nothing of it.
pub fn recording(body: &[u8]) {
    for content_type in ["application/json", "application/x-www-form-urlencoded"] {
        let answered = Canned { content_type, body: Bytes::copy_from_slice(body) };
        let cassette = recorded(&Recorder::sandbox(Arc::new(answered), "a test", Inputs::new()));
        let replay = Replay::new(cassette, Allowed::nothing());
        assert_eq!(get(&replay).body(), body, "replayed");
        replay.finish().expect("all was replayed");
    }
    let document = serde_json::from_slice::<Value>(body).map(|document| canary::planted(&document).to_string());
    let body = document.unwrap_or_else(|_| format!("{}{}", String::from_utf8_lossy(body), canary::TEXT));
    let reply = Canned { content_type: "application/json", body: body.into() };
    let cassette = recorded(&Recorder::live(Arc::new(reply), "a test", &Inputs::new(), Allowed::nothing()));
    let text = cassette.to_text();
    assert!(!canary::shows(&text), "{text}");
    get(&Replay::new(cassette, Allowed::nothing()));
}

/// Returns the recording of one call, after it was written and read again.
fn recorded(recorder: &Recorder) -> Cassette {
    get(recorder);
    let text = recorder.finish().expect("the call was answered").to_text();
    let cassette = Cassette::parse(Path::new("tape.json"), text.as_bytes()).expect("what was written can be read");
    assert_eq!(cassette.to_text(), text, "written and read again");
    cassette
}

fn get(transport: &dyn Transport) -> http::Response<Bytes> {
    let request = http::Request::get("http://a/").body(Bytes::new()).expect("a request");
    let reply = transport.send(request).now_or_never().expect("nothing to wait for");
    reply.expect("the call is answered")
}

/// A transport with the same answer to each call.
#[derive(Debug)]
struct Canned {
    content_type: &'static str,
    body: Bytes,
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let reply = http::Response::builder().header("content-type", self.content_type);
        Ok(reply.body(self.body.clone()).expect("a reply"))
    }
}
